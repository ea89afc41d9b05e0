/**
 * What a caller may ask of a client handshake, checked once and frozen.
 *
 * Knows: which options are legal, their defaults, which header fields belong to the handshake itself.
 * Does not know: sockets, TLS, agents (stream/dial.ts), or how long a timer runs.
 */

import { UsageError } from '../errors.js';
import { parseTarget, type Target } from './client-url.js';
import { type Extension, formatExtensions } from './extensions.js';
import { isToken } from './field-list.js';
import type { Offer } from './judge-response.js';

/** Options of a client handshake, over whatever connection. */
export interface ClientOptions {
  /**
   * Header fields for the request; an array is one line for each value. `Host` may be set, to name a virtual host.
   * Not allowed: fields that the handshake sets (`Connection`, `Upgrade`, `Sec-WebSocket-*`), fields that announce a
   * body, a name twice.
   */
  readonly headers?: Readonly<Record<string, string | readonly string[]>> | undefined;
  /** Subprotocols to offer, in order of preference: tokens, each once. Default: none. */
  readonly subprotocols?: string | readonly string[] | undefined;
  /** Extensions to offer, in order of preference. Default: none. */
  readonly extensions?: readonly Extension[] | undefined;
  /** Judges what the server accepted, see `Offer`. Default: any parameters are fine. */
  readonly acceptExtensions?: Offer['acceptExtensions'];
  /** The `Origin` field. Default: none, as a client that is not a browser should (RFC 6455 §10.2). */
  readonly origin?: string | undefined;
  /** Milliseconds for the whole handshake: DNS, TLS and redirects included. Default: 10 000. `Infinity`: no limit. */
  readonly handshakeTimeoutMs?: number | undefined;
  /** How many redirects to follow; true is 10. Default: false, a redirect is a refusal. */
  readonly followRedirects?: boolean | number | undefined;
}

/** One line of a request head. */
export type HeaderField = readonly [name: string, value: string];

/** Checked options, frozen. */
export interface ClientSettings {
  readonly target: Target;
  /** The caller's fields, and those made from `origin` and the URL's user information. */
  readonly fields: readonly HeaderField[];
  readonly subprotocols: readonly string[];
  readonly extensions: readonly Extension[];
  readonly acceptExtensions: Offer['acceptExtensions'];
  readonly handshakeTimeoutMs: number;
  readonly maxRedirects: number;
}

/** Fields that the handshake sets itself, and fields that announce a body, which an upgrade must not have. */
const OWN_FIELDS: ReadonlySet<string> = new Set([
  'connection',
  'content-length',
  'expect',
  'keep-alive',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);

/** What Node sends as it is: visible ASCII, space, tab and the bytes above 0x7f (RFC 9110 §5.5). */
const FIELD_VALUE = /^[\t\x20-\x7e\x80-\xff]*$/;

/** The longest delay of a Node timer; a longer one would fire at once. */
const MAX_TIMER_MS = 2 ** 31 - 1;

const DEFAULT_TIMEOUT_MS = 10_000;
const DEFAULT_REDIRECTS = 10;

/**
 * Checks `url` and `options` and freezes what comes out. Nothing of the caller's is kept that he could change later.
 * @throws UsageError for an option that is out of range, malformed, or given twice.
 */
export function parseClientOptions(url: string | URL, options: ClientOptions = {}): ClientSettings {
  const target = parseTarget(url);
  const extensions = structuredClone(options.extensions ?? []);
  formatExtensions(extensions);
  return Object.freeze({
    target: Object.freeze(target),
    fields: Object.freeze(headerFields(target, options)),
    subprotocols: Object.freeze(subprotocolList(options.subprotocols ?? [])),
    extensions: Object.freeze(extensions),
    acceptExtensions: options.acceptExtensions,
    handshakeTimeoutMs: timeoutMs(options.handshakeTimeoutMs ?? DEFAULT_TIMEOUT_MS),
    maxRedirects: redirectLimit(options.followRedirects ?? false),
  });
}

function headerFields(target: Target, { headers = {}, origin }: ClientOptions): HeaderField[] {
  const given = Object.entries(headers).flatMap(([name, value]) => fieldLines(name, value));
  const derived: HeaderField[] = [];
  if (origin !== undefined) derived.push(['Origin', fieldValue('Origin', origin)]);
  if (target.authorization !== null) derived.push(['Authorization', target.authorization]);
  const names = new Set<string>();
  for (const name of [...Object.keys(headers), ...derived.map((field) => field[0])]) {
    if (names.has(name.toLowerCase())) throw new UsageError('A header field is given twice.', { field: name });
    names.add(name.toLowerCase());
  }
  return [...given, ...derived];
}

function fieldLines(name: string, value: string | readonly string[]): HeaderField[] {
  if (!isToken(name)) throw new UsageError('The name of a header field must be a token.');
  const lower = name.toLowerCase();
  if (OWN_FIELDS.has(lower) || lower.startsWith('sec-websocket-')) {
    throw new UsageError('This header field belongs to the handshake.', { field: name });
  }
  if (lower === 'host' && typeof value !== 'string') throw new UsageError('There is one Host field.');
  const values: readonly string[] = Array.isArray(value) ? value : [value];
  return values.map((line): HeaderField => [name, fieldValue(name, line)]);
}

function fieldValue(field: string, value: string): string {
  if (typeof value !== 'string') throw new UsageError('The value of a header field must be a string.', { field });
  if (!FIELD_VALUE.test(value)) {
    throw new UsageError('The value of a header field has a character that it must not have.', { field });
  }
  return value;
}

function subprotocolList(subprotocols: string | readonly string[]): string[] {
  const list: readonly string[] = Array.isArray(subprotocols) ? subprotocols : [subprotocols];
  for (const name of list) {
    if (typeof name !== 'string' || !isToken(name)) throw new UsageError('A subprotocol must be a token.');
  }
  if (new Set(list).size < list.length) throw new UsageError('A subprotocol is offered twice.');
  return [...list];
}

function timeoutMs(value: number): number {
  if (value === Number.POSITIVE_INFINITY) return value;
  if (typeof value === 'number' && value > 0 && value <= MAX_TIMER_MS) return value;
  throw new UsageError(`handshakeTimeoutMs must be above 0 and at most ${MAX_TIMER_MS}, or Infinity.`);
}

function redirectLimit(value: boolean | number): number {
  if (typeof value === 'boolean') return value ? DEFAULT_REDIRECTS : 0;
  if (value === Number.POSITIVE_INFINITY || (Number.isInteger(value) && value >= 0)) return value;
  throw new UsageError('followRedirects must be true, false or a count.');
}
