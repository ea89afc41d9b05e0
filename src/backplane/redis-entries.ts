/**
 * Entries of a Redis Stream, as commands and from replies.
 *
 * Knows: the fields `m`, the message, `w` and `n`, who wrote it and as which one; that only `m` must be there.
 * Does not know: connections. What has not the form of an entry is left out.
 */
import type { Message } from '../codec/message-assembler.js';
import { seal, WRITER_BYTES } from './envelope.js';

type Command = (string | Buffer)[];

/** An entry as it was read. */
export interface StreamEntry {
  readonly id: string;
  /** The message as `open` takes it, with its stamp. */
  readonly bytes: Buffer;
}

/** Adds a message, and trims the stream to about `keep` of them. */
export function addEntry(stream: string, keep: number, message: Message, writer: string, number: number): Command {
  const trim = keep === Infinity ? [] : ['MAXLEN', '~', String(keep)];
  return ['XADD', stream, ...trim, '*', 'm', seal(message), 'w', writer, 'n', String(number)];
}

/** Up to `count` entries behind `after`. */
export function entriesAfter(stream: string, after: string, count: number): Command {
  return ['XRANGE', stream, `(${after}`, '+', 'COUNT', String(count)];
}

/** The entry `id`, if it is still there. */
export function entryAt(stream: string, id: string): Command {
  return ['XRANGE', stream, id, id];
}

/** The newest entry, if there is one. */
export function lastEntry(stream: string): Command {
  return ['XREVRANGE', stream, '+', '-', 'COUNT', '1'];
}

/** Waits up to `ms` for an entry behind `after`. Its reply is not read: the one of `entriesAfter` looks alike everywhere. */
export function awaitEntry(stream: string, after: string, ms: number): Command {
  return ['XREAD', 'COUNT', '1', 'BLOCK', String(ms), 'STREAMS', stream, after];
}

/** What XRANGE and XREVRANGE reply, where strings are Buffers. */
export function entriesIn(reply: unknown): StreamEntry[] {
  if (!Array.isArray(reply)) return [];
  return reply.flatMap((entry: unknown) => {
    if (!Array.isArray(entry) || !Array.isArray(entry[1])) return [];
    const fields = fieldsOf(entry[1]);
    const [message, writer, number] = [fields.get('m'), fields.get('w'), Number(fields.get('n') ?? Number.NaN)];
    if (message === undefined) return [];
    const isStamped = writer?.length === WRITER_BYTES && Number.isSafeInteger(number);
    const stamp = isStamped ? stampBytes(String(writer), number) : Buffer.alloc(0);
    return [{ id: String(entry[0]), bytes: Buffer.concat([stamp, message]) }];
  });
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
function stampBytes(writer: string, number: number): Buffer {
  return seal('', { writer, number });
}
