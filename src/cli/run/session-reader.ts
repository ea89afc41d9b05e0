/**
 * A recorded session from a file, in constant memory.
 *
 * Knows: files, and that the first line is the header.
 * Does not know: the format (session-file.ts).
 */
import { UsageError } from '../../errors.js';
import { LineSplitter } from '../lines.js';
import { parseEvent, parseHeader, type SessionEvent, type SessionHeader } from '../session-file.js';
import { bytesOf } from './file-bytes.js';

/** The longest line of a session, in bytes. */
export const MAX_LINE_BYTES = 64 * 1024 * 1024;

/** A session that was opened. */
export interface RecordedSession {
  readonly header: SessionHeader;
  /** Once, in order. Rejects with a UsageError that names the line. */
  readonly events: AsyncGenerator<SessionEvent, void>;
}

/** Reads the header. Rejects with a UsageError for what is no session, and with Node's error for what is no file. */
export async function openSession(file: string): Promise<RecordedSession> {
  const lines = linesOf(file);
  const first = await lines.next();
  if (first.done === true) throw new UsageError('The session is empty.');
  return { header: parseHeader(first.value), events: eventsOf(lines) };
}

/** The header of a session that was read to its end, and so can be played. Rejects as reading it does. */
export async function checkedSession(file: string): Promise<SessionHeader> {
  const { header, events } = await openSession(file);
  for await (const _ of events);
  return header;
}

async function* eventsOf(lines: AsyncGenerator<string>): AsyncGenerator<SessionEvent, void> {
  let number = 1;
  for await (const line of lines) yield parseEvent(line, ++number);
}

async function* linesOf(file: string): AsyncGenerator<string> {
  const lines = new LineSplitter(MAX_LINE_BYTES);
  for await (const chunk of bytesOf(file)) yield* lines.push(chunk);
  const last = lines.end();
  if (last !== null) yield last;
}
