/**
 * A message that is framed once and sent to many (RFC 6455 §5.1: only clients mask, so a server's frames are the same
 * for every peer).
 *
 * Knows: its frame, and its compressed frames, one for each window size that peers have agreed on.
 * Does not know: sockets.
 */

import { Buffer } from 'node:buffer';
import { Opcode } from '../codec/frame.js';
import { bytesOf } from '../codec/payload.js';
import type { EncodableMessage } from '../codec/stream/message-encoder.js';
import { UsageError } from '../errors.js';
import type { MessageOptions } from './outgoing.js';
import { SharedFrame } from './shared-frame.js';

/** A compressed payload; null when compressing did not make it smaller. */
type Compressed = Buffer | null;

/** Made by `prepare`. Writable to any number of WebSockets, of either role. */
export class PreparedMessage {
  /** Its opcode, as a word (RFC 6455 §5.6). */
  readonly type: 'text' | 'binary';
  /**
   * The message as one frame, uncompressed.
   * @internal
   */
  readonly plain: SharedFrame;
  /** False: never compressed. Undefined: wherever it was agreed on and is worth it. */
  readonly compress: boolean | undefined;
  /** Frames by window size: compressed, or the plain one when that is no larger. */
  #frames: Map<number, SharedFrame | Promise<SharedFrame>> | null = null;

  /** Copies `payload`. `prepare` does the same from a string or any bytes. */
  constructor(type: 'text' | 'binary', payload: Uint8Array, compress?: boolean) {
    this.type = type;
    this.plain = new SharedFrame(type === 'text' ? Opcode.text : Opcode.binary, payload, false);
    this.compress = compress;
  }

  /** The bytes of the message, uncompressed. Every peer is sent these very bytes: do not write into them. */
  get payload(): Buffer {
    return this.plain.payload;
  }

  /** Header and payload as a server sends them, uncompressed. Do not write into them. */
  get wire(): Buffer {
    return this.plain.wire;
  }

  /**
   * The frame for peers with a window of `windowBits`. The first who asks compresses it, with `compress`; who asks while
   * that is under way gets the same promise. It is the plain frame itself when compressing does not make it smaller.
   * @internal
   */
  frameFor(windowBits: number, compress: () => Compressed | Promise<Compressed>): SharedFrame | Promise<SharedFrame> {
    this.#frames ??= new Map();
    const frames = this.#frames;
    const known = frames.get(windowBits);
    if (known !== undefined) return known;
    const keep = (compressed: Compressed) => {
      const frame = compressed === null ? this.plain : new SharedFrame(this.plain.opcode, compressed, true);
      frames.set(windowBits, frame);
      return frame;
    };
    const made = compress();
    if (!(made instanceof Promise)) return keep(made);
    const promised = made.then(keep);
    frames.set(windowBits, promised);
    return promised;
  }
}

/**
 * Frames `message` once, and compresses it once for each window size that peers agree on. Copies its bytes, so the
 * caller may reuse them.
 * @throws UsageError for what is no message.
 */
export function prepare(message: EncodableMessage, { compress }: MessageOptions = {}): PreparedMessage {
  if (typeof message === 'string') return new PreparedMessage('text', Buffer.from(message), compress);
  const bytes = bytesOf(message);
  if (bytes === null) throw new UsageError('A message is a string, an ArrayBufferView or an ArrayBuffer.');
  return new PreparedMessage('binary', bytes, compress);
}
