/**
 * A message that is framed once and sent to many (RFC 6455 §5.1: only clients mask, so a server's frames are the same
 * for every peer).
 *
 * Knows: its payload, and its wire bytes for the server role.
 * Does not know: sockets.
 */

import { Opcode } from '../codec/frame.js';
import { FrameWriter } from '../codec/frame-writer.js';
import { firstByte } from '../codec/header.js';
import { bytesOf } from '../codec/payload.js';
import type { EncodableMessage } from '../codec/stream/message-encoder.js';
import { UsageError } from '../errors.js';
import type { MessageOptions } from './outgoing.js';

/** A compressed payload; null when compressing did not make it smaller. */
export type Compressed = Buffer | null;

/** Made by `prepare`. Writable to any number of WebSockets, of either role. */
export class PreparedMessage {
  readonly type: 'text' | 'binary';
  /** The first byte of its header. */
  readonly first: number;
  readonly payload: Buffer;
  /** Header and payload, unmasked. */
  readonly wire: Buffer;
  /** False: never compressed. Undefined: wherever it was agreed on and is worth it. */
  readonly compress: boolean | undefined;
  /** Compressed payloads by window size; null for one that did not become smaller. */
  #compressed: Map<number, Compressed | Promise<Compressed>> | null = null;

  constructor(type: 'text' | 'binary', payload: Buffer, compress?: boolean) {
    this.type = type;
    this.first = firstByte(type === 'text' ? Opcode.text : Opcode.binary, true, 0);
    this.payload = payload;
    this.compress = compress;
    const writer = new FrameWriter('server');
    writer.addPayload(this.first, payload);
    this.wire = Buffer.concat(writer.take());
  }

  /** The payload compressed with a window of `windowBits`: made by the first who asks. */
  compressedFor(windowBits: number, make: () => Promise<Compressed>): Compressed | Promise<Compressed> {
    this.#compressed ??= new Map();
    const known = this.#compressed.get(windowBits);
    if (known !== undefined) return known;
    const made = make().then((compressed) => {
      this.#compressed?.set(windowBits, compressed);
      return compressed;
    });
    this.#compressed.set(windowBits, made);
    return made;
  }
}

/**
 * Frames `message` once, and compresses it once for each window size that peers agree on. Copies its bytes, so the
 * caller may reuse them. Throws a UsageError for what is no message.
 */
export function prepare(message: EncodableMessage, { compress }: MessageOptions = {}): PreparedMessage {
  if (typeof message === 'string') return new PreparedMessage('text', Buffer.from(message), compress);
  const bytes = bytesOf(message);
  if (bytes === null) throw new UsageError('A message is a string, an ArrayBufferView or an ArrayBuffer.');
  return new PreparedMessage('binary', Buffer.from(bytes), compress);
}
