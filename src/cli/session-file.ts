/**
 * A recorded session: lines of JSON, a header first.
 *
 * Knows: the format, and how strict to be about a file that somebody has edited.
 * Does not know: files, sockets, clocks.
 */
import { isWireCloseCode } from '../codec/close-code.js';
import { UsageError } from '../errors.js';

/** The first line. */
export interface SessionHeader {
  readonly framepipe: 'session';
  readonly version: 1;
  readonly url: string;
  readonly subprotocol: string | null;
  /** ISO 8601, for people. */
  readonly startedAt: string;
}

/** What happened, and when: milliseconds since the connection was open. Bytes are base64. */
export type SessionEvent =
  | { readonly ms: number; readonly from: 'client' | 'server'; readonly type: 'text'; readonly text: string }
  | { readonly ms: number; readonly from: 'client' | 'server'; readonly type: 'binary'; readonly base64: string }
  | {
      readonly ms: number;
      readonly from: 'client' | 'server';
      readonly type: 'close';
      readonly code: number;
      readonly reason: string;
    };

export type Sender = SessionEvent['from'];

/** The event of a message. */
export function messageEvent(ms: number, from: Sender, message: string | Buffer): SessionEvent {
  const at = Math.round(ms * 10) / 10;
  if (typeof message === 'string') return { ms: at, from, type: 'text', text: message };
  return { ms: at, from, type: 'binary', base64: message.toString('base64') };
}

/** Reads the first line. Throws a UsageError when the file is no session, or of a version to come. */
export function parseHeader(line: string): SessionHeader {
  const header = objectOf(line, 1);
  if (header['framepipe'] !== 'session') throw new UsageError('The file is no session of framepipe record.');
  if (header['version'] !== 1)
    throw new UsageError(`The session has version ${header['version']}; this program reads 1.`);
  if (typeof header['url'] !== 'string') throw new UsageError('The session does not say where it was recorded.');
  return header as unknown as SessionHeader;
}

/** Reads the line with that number. Throws a UsageError that names the line. */
export function parseEvent(line: string, number: number): SessionEvent {
  const event = objectOf(line, number);
  const { ms, from, type } = event;
  const isPlaced = typeof ms === 'number' && ms >= 0 && (from === 'client' || from === 'server');
  const isWhole =
    (type === 'text' && typeof event['text'] === 'string') ||
    (type === 'binary' && typeof event['base64'] === 'string') ||
    (type === 'close' && typeof event['code'] === 'number' && typeof event['reason'] === 'string');
  if (!isPlaced || !isWhole) throw new UsageError(`Line ${number} of the session is no event.`);
  return event as unknown as SessionEvent;
}

/** The code to close with: what was recorded, or 1000 for a code that must not be sent. */
export function closeCodeOf({ code }: { readonly code: number }): number {
  return isWireCloseCode(code) ? code : 1000;
}

function objectOf(
  line: string,
  number: number,
): { [name: string]: unknown; ms?: unknown; from?: unknown; type?: unknown } {
  try {
    const value: unknown = JSON.parse(line);
    if (typeof value === 'object' && value !== null) return { ...value };
  } catch {
    // What follows says it better.
  }
  throw new UsageError(`Line ${number} of the session is no JSON object.`);
}
