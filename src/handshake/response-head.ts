/**
 * What a server answers to the handshake, as bytes (RFC 6455 §4.2.2, RFC 9112).
 *
 * Knows: how to write a 101 head, and a refusal with its body.
 * Does not know: when to send which.
 *
 * Header names and values that the caller gives are checked here, once, for every way they can come in.
 */

import { Buffer } from 'node:buffer';
import { UsageError } from '../errors.js';
import type { Extension } from './extensions.js';
import { formatExtensions } from './extensions.js';
import { isToken } from './field-list.js';

/** Header fields to add: a list of values writes the field once for each. Latin-1, no control characters. */
export type HeaderFields = Readonly<Record<string, string | readonly string[]>>;

/** What a 101 says. */
export interface Acceptance {
  /** From `acceptKey`. */
  readonly accept: string;
  readonly subprotocol?: string | null;
  readonly extensions?: readonly Extension[];
  /** Such as Set-Cookie. Not the fields of the handshake itself, nor those that frame a body. */
  readonly headers?: HeaderFields | undefined;
}

/** What a refusal says. */
export interface RefusalResponse {
  /** 300 to 599. */
  readonly status: number;
  /** One sentence for a person; the body unless there is a `body`. Default: the name of the status. */
  readonly why?: string | undefined;
  /** A string is written as UTF-8. */
  readonly body?: string | Uint8Array | undefined;
  /** Not Connection, Content-Length or Transfer-Encoding. Content-Type replaces `text/plain; charset=utf-8`. */
  readonly headers?: HeaderFields | undefined;
  /** Default: now. */
  readonly date?: Date | undefined;
}

/** One line of a head. */
export type Field = readonly [name: string, value: string];

const FRAMING: ReadonlySet<string> = new Set(['connection', 'content-length', 'transfer-encoding']);
const FIELD_VALUE = /^[\t\x20-\x7e\x80-\xff]*$/;

const SWITCHING = 'HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n';

/** Reason phrases are for people (RFC 9112 §4); a status without one here is written without one. */
const REASONS: ReadonlyMap<number, string> = new Map([
  [301, 'Moved Permanently'],
  [302, 'Found'],
  [303, 'See Other'],
  [307, 'Temporary Redirect'],
  [308, 'Permanent Redirect'],
  [400, 'Bad Request'],
  [401, 'Unauthorized'],
  [403, 'Forbidden'],
  [404, 'Not Found'],
  [405, 'Method Not Allowed'],
  [408, 'Request Timeout'],
  [409, 'Conflict'],
  [410, 'Gone'],
  [413, 'Content Too Large'],
  [417, 'Expectation Failed'],
  [421, 'Misdirected Request'],
  [426, 'Upgrade Required'],
  [429, 'Too Many Requests'],
  [431, 'Request Header Fields Too Large'],
  [500, 'Internal Server Error'],
  [502, 'Bad Gateway'],
  [503, 'Service Unavailable'],
  [504, 'Gateway Timeout'],
  [505, 'HTTP Version Not Supported'],
]);

/**
 * The head that accepts the handshake, up to and including its blank line.
 * @throws UsageError for a field that is not the caller's to set, or that could break the head.
 */
export function acceptanceHead(acceptance: Acceptance): Buffer {
  const { accept } = acceptance;
  return Buffer.from(`${SWITCHING}Sec-WebSocket-Accept: ${accept}\r\n${linesOf(termFields(acceptance))}\r\n`, 'latin1');
}

/**
 * The fields of an acceptance that are the same over every version of HTTP.
 * @throws UsageError as `acceptanceHead` does.
 */
export function termFields({ subprotocol = null, extensions = [], headers }: Omit<Acceptance, 'accept'>): Field[] {
  const fields: Field[] = [];
  if (subprotocol !== null) fields.push(checked(['Sec-WebSocket-Protocol', subprotocol]));
  if (extensions.length > 0) fields.push(checked(['Sec-WebSocket-Extensions', formatExtensions(extensions)]));
  return headers === undefined ? fields : [...fields, ...fieldsOf(headers, isOfTheHandshake)];
}

function isOfTheHandshake(name: string): boolean {
  return FRAMING.has(name) || name === 'upgrade' || name.startsWith('sec-websocket-');
}

/**
 * A whole response that refuses the handshake and announces the end of the connection. The caller ends the socket.
 * @throws UsageError for a status that refuses nothing, or for a field that is not the caller's to set.
 */
export function refusal(response: RefusalResponse): Buffer {
  const { status, fields, content } = refusalParts(response);
  // A field that is meant for the next hop only has to be named in Connection (RFC 9110 §7.8).
  const upgrades = fields.some(([name]) => name.toLowerCase() === 'upgrade');
  const connection: Field = ['Connection', upgrades ? 'close, Upgrade' : 'close'];
  return Buffer.concat([encodeHead(`${status} ${REASONS.get(status) ?? ''}`, [connection, ...fields]), content]);
}

/** A refusal taken apart, for any version of HTTP: without the fields that say what becomes of the connection. */
export interface RefusalParts {
  readonly status: number;
  readonly fields: readonly Field[];
  readonly content: Buffer;
}

/** @throws UsageError as `refusal` does. */
export function refusalParts({ status, why, body, headers, date = new Date() }: RefusalResponse): RefusalParts {
  if (!Number.isInteger(status) || status < 300 || status > 599) {
    throw new UsageError('A refusal needs an HTTP status from 300 to 599.', { status });
  }
  const content = contentOf(body ?? `${why ?? (REASONS.get(status) || status)}\n`);
  const given = fieldsOf(headers, (name) => FRAMING.has(name));
  const names = new Set(given.map(([name]) => name.toLowerCase()));
  const head: Field[] = [
    ['Date', date.toUTCString()],
    ['Content-Type', 'text/plain; charset=utf-8'],
    ['Content-Length', String(content.length)],
  ];
  return { status, fields: [...head.filter(([name]) => !names.has(name.toLowerCase())), ...given], content };
}

function contentOf(body: string | Uint8Array): Buffer {
  if (typeof body === 'string' || body instanceof Uint8Array) return Buffer.from(body);
  throw new UsageError('body must be a string or bytes.');
}

/**
 * The caller's fields, checked; `isReserved` gets names in lower case.
 * @throws UsageError for a name that is not a token or is reserved, and for CR, LF, NUL and the like in a value.
 */
function fieldsOf(headers: HeaderFields = {}, isReserved: (name: string) => boolean): Field[] {
  if (typeof headers !== 'object' || headers === null) throw new UsageError('headers must be an object.');
  return Object.entries(headers).flatMap(([name, value]) => {
    if (isReserved(name.toLowerCase())) throw new UsageError(`headers must not set ${name}: the handshake does.`);
    const values: readonly string[] = Array.isArray(value) ? value : [value];
    return values.map((one) => checked([name, one]));
  });
}

function checked(field: Field): Field {
  const [name, value] = field;
  if (!isToken(name)) throw new UsageError('The name of a header field must be a token.');
  if (typeof value !== 'string' || !FIELD_VALUE.test(value)) {
    throw new UsageError(`The value of ${name} must be a Latin-1 string without control characters.`);
  }
  return field;
}

function encodeHead(status: string, fields: readonly Field[]): Buffer {
  return Buffer.from(`HTTP/1.1 ${status}\r\n${linesOf(fields)}\r\n`, 'latin1');
}

function linesOf(fields: readonly Field[]): string {
  return fields.map(([name, value]) => `${name}: ${value}\r\n`).join('');
}
