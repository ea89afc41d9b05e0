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

/** Made by `prepare`. Writable to any number of WebSockets, of either role. */
export class PreparedMessage {
  readonly type: 'text' | 'binary';
  /** The first byte of its header. */
  readonly first: number;
  readonly payload: Buffer;
  /** Header and payload, unmasked. */
  readonly wire: Buffer;

  constructor(type: 'text' | 'binary', payload: Buffer) {
    this.type = type;
    this.first = firstByte(type === 'text' ? Opcode.text : Opcode.binary, true, 0);
    this.payload = payload;
    const writer = new FrameWriter('server');
    writer.addPayload(this.first, payload);
    this.wire = Buffer.concat(writer.take());
  }
}

/** Frames `message` once. Copies its bytes, so the caller may reuse them. Throws a UsageError for what is no message. */
export function prepare(message: EncodableMessage): PreparedMessage {
  if (typeof message === 'string') return new PreparedMessage('text', Buffer.from(message));
  const bytes = bytesOf(message);
  if (bytes === null) throw new UsageError('A message is a string, an ArrayBufferView or an ArrayBuffer.');
  return new PreparedMessage('binary', Buffer.from(bytes));
}
