/**
 * The part of JetStream's API that reading from a position takes, as bytes.
 *
 * Knows: subjects and JSON of requests, what replies say, where a delivered message has its place in the stream.
 * Does not know: connections, or when to ask. Replies come from the engine, and are judged as little as any input is
 * trusted: what has not the form that it should have is null.
 */
import { Buffer } from 'node:buffer';

/** Nanoseconds, in which JetStream counts. */
const NS = 1_000_000;

/** What a consumer without a reader lives for, in milliseconds. */
const INACTIVE_MS = 120_000;

/** What a stream holds; both are 0 for one that never held anything. */
export interface StreamState {
  readonly firstSequence: number;
  readonly lastSequence: number;
}

/** A refusal of the API. */
export interface ApiError {
  readonly code: number;
  readonly description: string;
}

/** A question to the API. */
export interface ApiRequest {
  readonly subject: string;
  readonly payload: Buffer;
}

/** Asks what a stream holds. */
export function streamInfo(stream: string): ApiRequest {
  return { subject: `$JS.API.STREAM.INFO.${stream}`, payload: Buffer.alloc(0) };
}

/** An ephemeral consumer that delivers what comes after `after`, without acknowledgements. */
export function createConsumer(stream: string, subject: string, after: number): ApiRequest {
  const config = {
    deliver_policy: 'by_start_sequence',
    opt_start_seq: after + 1,
    ack_policy: 'none',
    filter_subject: subject,
    inactive_threshold: INACTIVE_MS * NS,
    mem_storage: true,
    num_replicas: 1,
  };
  return request(`$JS.API.CONSUMER.CREATE.${stream}`, { stream_name: stream, config });
}

/** Up to `batch` messages, as they come, for `expiresMs`. */
export function nextMessages(stream: string, consumer: string, batch: number, expiresMs: number): ApiRequest {
  return request(`$JS.API.CONSUMER.MSG.NEXT.${stream}.${consumer}`, { batch, expires: expiresMs * NS });
}

/** The error in a reply, or null. */
export function errorIn(reply: Uint8Array): ApiError | null {
  const error = parse(reply)?.error;
  if (typeof error !== 'object' || error === null) return null;
  const { code, description } = error as Partial<ApiError>;
  return { code: Number(code ?? 0), description: String(description ?? 'no reason') };
}

/** What `streamInfo` is answered with. */
export function stateIn(reply: Uint8Array): StreamState | null {
  const state = parse(reply)?.state as { first_seq?: unknown; last_seq?: unknown } | undefined;
  const [firstSequence, lastSequence] = [Number(state?.first_seq), Number(state?.last_seq)];
  return Number.isSafeInteger(firstSequence + lastSequence) ? { firstSequence, lastSequence } : null;
}

/** The name of the consumer that was made. */
export function consumerIn(reply: Uint8Array): string | null {
  const name = parse(reply)?.name;
  return typeof name === 'string' ? name : null;
}

/** True for the answer to a published message that the stream has now. */
export function isStored(reply: Uint8Array): boolean {
  return Number.isSafeInteger(parse(reply)?.seq);
}

/** The place in the stream, from the reply subject of a delivered message; null when it is none. */
export function sequenceOf(reply: string | undefined): number | null {
  const tokens = reply?.split('.') ?? [];
  if (tokens[0] !== '$JS' || tokens[1] !== 'ACK') return null;
  // Longer ones have the domain and the account in front.
  const sequence = Number(tokens[tokens.length >= 11 ? 7 : 5]);
  return Number.isSafeInteger(sequence) && sequence > 0 ? sequence : null;
}

function request(subject: string, body: object): ApiRequest {
  return { subject, payload: Buffer.from(JSON.stringify(body)) };
}

/** What replies may have. */
interface Reply {
  readonly error?: unknown;
  readonly state?: unknown;
  readonly name?: unknown;
  readonly seq?: unknown;
}

function parse(reply: Uint8Array): Reply | null {
  try {
    const value: unknown = JSON.parse(Buffer.from(reply).toString());
    return typeof value === 'object' && value !== null ? value : null;
  } catch {
    return null;
  }
}
