/**
 * What may be written to a WebSocket, and how a message that is still being produced becomes fragments.
 *
 * Knows: the kinds of messages, their size in memory, the order of fragments (RFC 6455 §5.4).
 * Does not know: sockets, backpressure; it is told when to go on.
 */
import { Buffer } from 'node:buffer';
import type { Readable } from 'node:stream';
import { Opcode } from '../codec/frame.js';
import { bytesOf } from '../codec/payload.js';
import { UsageError } from '../errors.js';
import { PreparedMessage } from './prepared-message.js';

/** Pieces of one message: strings for text, bytes for binary. */
export type MessagePieces = Iterable<string | Uint8Array> | AsyncIterable<string | Uint8Array>;

/** All that `write` takes. */
export type WritableMessage = string | ArrayBufferView | ArrayBuffer | PreparedMessage | MessagePieces;

/** What `write` may be told about one message. */
export interface MessageOptions {
  /** True or false compresses it, or not, where compression was agreed on. Default: by `deflate.threshold`. */
  readonly compress?: boolean | undefined;
}

/** A message with its options, in Writable's queue. */
export class Labelled {
  readonly message: WritableMessage;
  readonly options: MessageOptions;

  constructor(message: WritableMessage, options: MessageOptions) {
    this.message = message;
    this.options = options;
  }
}

/** A text on its way from one WebSocket into another, as bytes that nobody sees: valid UTF-8, perhaps in PASSING_MEMORY. */
export class PassingText {
  readonly bytes: Buffer;

  constructor(bytes: Buffer) {
    this.bytes = bytes;
  }
}

/** All that may stand in Writable's queue. */
export type QueuedMessage = WritableMessage | PassingText;

/** What a queued message costs besides its bytes, roughly. */
const BOOKKEEPING_BYTES = 64;

/** The memory that a queued message holds, in bytes. Throws a UsageError for what is no message. */
export function heldBytes(message: unknown): number {
  if (typeof message === 'string') return message.length + BOOKKEEPING_BYTES;
  // Most messages are these, and their length is read without a call.
  if (message instanceof Uint8Array) return message.length + BOOKKEEPING_BYTES;
  if (message instanceof Labelled) return heldBytes(message.message);
  if (ArrayBuffer.isView(message) || message instanceof ArrayBuffer) return message.byteLength + BOOKKEEPING_BYTES;
  if (message instanceof PreparedMessage || isPieces(message)) return BOOKKEEPING_BYTES;
  if (message instanceof PassingText) return message.bytes.length + BOOKKEEPING_BYTES;
  throw new UsageError(
    'A message is a string, an ArrayBufferView, an ArrayBuffer, a PreparedMessage, or a Readable or iterable of them.',
  );
}

/** True for what can be iterated: pieces of one message. */
export function isPieces(message: unknown): message is MessagePieces {
  if (typeof message !== 'object' || message === null) return false;
  return Symbol.asyncIterator in message || Symbol.iterator in message;
}

/** True for pieces that are a stream, which holds something open until it is destroyed. */
export function isStream(message: unknown): message is Readable {
  return isPieces(message) && 'destroy' in message && 'on' in message;
}

/** Sends one frame; a promise means: wait for it before the next one. */
export type SendFragment = (opcode: Opcode, fin: boolean, payload: Buffer, rsv1?: boolean) => Promise<void> | null;

/**
 * Sends `pieces` as one message, a fragment each, and an empty last one. The type is the source's own `type` property
 * ('text' or 'binary', as a MessageStream has), else that of the first piece. Rejects with the source's error, or with a
 * UsageError when pieces are of both types; the source is then destroyed by the iteration protocol.
 */
export async function sendPieces(pieces: MessagePieces, send: SendFragment): Promise<void> {
  let type = declaredType(pieces);
  let opcode: Opcode = Opcode.continuation;
  let begun = false;
  let surrogate = '';
  for await (const piece of pieces) {
    type ??= typeof piece === 'string' ? 'text' : 'binary';
    if (typeof piece === 'string' && type === 'binary') throw new UsageError('A binary message has no string pieces.');
    const text = typeof piece === 'string' ? surrogate + piece : null;
    if (text !== null) surrogate = endsInHalf(text) ? text.slice(-1) : '';
    const payload = text === null ? bytesOf(piece) : Buffer.from(surrogate === '' ? text : text.slice(0, -1));
    if (payload === null) throw new UsageError('The pieces of a message are strings or bytes.');
    opcode = begun ? Opcode.continuation : opcodeOf(type);
    begun = true;
    await send(opcode, false, payload);
  }
  await send(begun ? Opcode.continuation : opcodeOf(type ?? 'binary'), true, Buffer.from(surrogate));
}

function opcodeOf(type: 'text' | 'binary'): Opcode {
  return type === 'text' ? Opcode.text : Opcode.binary;
}

/** The type that the source of a message says it has; null when its first piece decides. */
export function declaredType(pieces: MessagePieces): 'text' | 'binary' | null {
  const type = 'type' in pieces ? pieces.type : null;
  return type === 'text' || type === 'binary' ? type : null;
}

/** True when the last UTF-16 unit is the first half of a character whose second half may follow in the next piece. */
function endsInHalf(text: string): boolean {
  const last = text.charCodeAt(text.length - 1);
  return last >= 0xd800 && last <= 0xdbff;
}
