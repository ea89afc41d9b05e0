/**
 * Entries of a Redis Stream, as commands and from replies.
 *
 * Knows: the fields `m`, the message, `w` and `n`, who wrote it and as which one; that only `m` must be there.
 * Does not know: connections. Any program may add to a stream, so nothing is taken for granted.
 */
import { Buffer } from 'node:buffer';
import type { Message } from '../codec/message-assembler.js';
import { isStamp, type Stamp, seal } from './envelope.js';

type Command = (string | Buffer)[];

/** An entry as it was read. */
export interface StreamEntry {
  readonly id: string;
  /** The message as `open` takes it, with its stamp; null when it has none: reading goes on behind it all the same. */
  readonly bytes: Buffer | null;
}

/** Adds a message, and trims the stream to about `keep` of them. */
export function addEntry(stream: string, keep: number, message: Message, writer: string, number: number): Command {
  const trim = keep === Infinity ? [] : ['MAXLEN', '~', String(keep)];
  return ['XADD', stream, ...trim, '*', 'm', seal(message), 'w', writer, 'n', String(number)];
}

/** The entry `id`, if it is still there, and up to `count` behind it. */
export function entriesFrom(stream: string, id: string, count: number): Command {
  return ['XRANGE', stream, id, '+', 'COUNT', String(count + 1)];
}

/** The newest entry, if there is one. */
export function lastEntry(stream: string): Command {
  return ['XREVRANGE', stream, '+', '-', 'COUNT', '1'];
}

/** Waits up to `ms` for an entry behind `after`. Its reply is not read: the one of `entriesFrom` looks alike everywhere. */
export function awaitEntry(stream: string, after: string, ms: number): Command {
  return ['XREAD', 'COUNT', '1', 'BLOCK', String(ms), 'STREAMS', stream, after];
}

/** What XRANGE and XREVRANGE reply, where strings are Buffers. */
export function entriesIn(reply: unknown): StreamEntry[] {
  if (!Array.isArray(reply)) return [];
  return reply.flatMap((entry: unknown) => {
    if (!Array.isArray(entry)) return [];
    return [{ id: String(entry[0]), bytes: Array.isArray(entry[1]) ? bytesOf(fieldsOf(entry[1])) : null }];
  });
}

function bytesOf(fields: Map<string, Buffer>): Buffer | null {
  const message = fields.get('m');
  if (message === undefined) return null;
  const stamp = { writer: fields.get('w')?.toString('latin1') ?? '', number: Number(fields.get('n') ?? Number.NaN) };
  return isStamp(stamp) ? Buffer.concat([stampBytes(stamp), message]) : message;
}

function fieldsOf(list: readonly unknown[]): Map<string, Buffer> {
  const fields = new Map<string, Buffer>();
  for (let at = 0; at + 1 < list.length; at += 2) {
    const value = list[at + 1];
    if (Buffer.isBuffer(value)) fields.set(String(list[at]), value);
  }
  return fields;
}

/** A stamp alone: that of a message of no bytes, which is nothing but its stamp. */
function stampBytes(stamp: Stamp): Buffer {
  return seal('', stamp);
}
