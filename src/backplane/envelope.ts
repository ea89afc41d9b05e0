/**
 * How a message looks to the engine: bytes that other programs can read and write too.
 *
 * Knows: text is itself, as UTF-8; a mark in front says binary, or who published it as which number. What comes without
 * a mark is text, or binary when it is no UTF-8.
 * Does not know: engines.
 */
import { Buffer, isUtf8 } from 'node:buffer';
import type { Message } from '../codec/message-assembler.js';

/** First bytes. No text begins with them unless somebody means trouble, and then it is marked as text. */
const Mark = { text: 1, binary: 2, numbered: 3 } as const;

/** Mark, writer, number. */
export const WRITER_BYTES = 8;
const NUMBER_BYTES = 6;
const STAMP_BYTES = 1 + WRITER_BYTES + NUMBER_BYTES;

/** Who published a message, and as which one: by it a message that was published again is known. */
export interface Stamp {
  /** 8 characters of ASCII. */
  readonly writer: string;
  readonly number: number;
}

/** A message as it came from the engine. */
export interface Opened {
  readonly message: Message;
  /** Null when it has none. */
  readonly stamp: Stamp | null;
}

/** True for what has room in an envelope. */
export function isStamp({ writer, number }: Stamp): boolean {
  return writer.length === WRITER_BYTES && Number.isInteger(number) && number >= 0 && number < 256 ** NUMBER_BYTES;
}

/** The bytes for the engine, a copy. */
export function seal(message: Message, stamp: Stamp | null = null): Buffer {
  const body = typeof message === 'string' ? Buffer.from(message) : message;
  const isMarked = typeof message !== 'string' || (body[0] ?? Mark.numbered + 1) <= Mark.numbered;
  const mark = typeof message === 'string' ? Mark.text : Mark.binary;
  const inner = isMarked ? [Buffer.from([mark]), body] : [body];
  return Buffer.concat(stamp === null ? inner : [stampOf(stamp), ...inner]);
}

/** What `bytes` say, whoever published them. Borrows them. */
export function open(bytes: Buffer): Opened {
  if (bytes[0] !== Mark.numbered || bytes.length < STAMP_BYTES) return { message: messageOf(bytes), stamp: null };
  const writer = bytes.toString('latin1', 1, 1 + WRITER_BYTES);
  const number = bytes.readUIntBE(1 + WRITER_BYTES, NUMBER_BYTES);
  return { message: messageOf(bytes.subarray(STAMP_BYTES)), stamp: { writer, number } };
}

function stampOf({ writer, number }: Stamp): Buffer {
  const stamp = Buffer.alloc(STAMP_BYTES);
  stamp[0] = Mark.numbered;
  stamp.write(writer, 1, WRITER_BYTES, 'latin1');
  stamp.writeUIntBE(number, 1 + WRITER_BYTES, NUMBER_BYTES);
  return stamp;
}

function messageOf(bytes: Buffer): Message {
  if (bytes[0] === Mark.binary) return bytes.subarray(1);
  const body = bytes[0] === Mark.text ? bytes.subarray(1) : bytes;
  return isUtf8(body) ? body.toString() : body;
}
