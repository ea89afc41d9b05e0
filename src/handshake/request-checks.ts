/**
 * What every WebSocket request over HTTP/1.1 must look like (RFC 6455 §4.2.1, RFC 9112), and which of these demands are the
 * same over HTTP/2.
 *
 * Knows: one check for each demand, in the order in which they are made.
 * Does not know: the options: who may connect and what is negotiated (judge-request.ts).
 *
 * Nothing here is lenient: a request that two parties can read in two ways is how requests are smuggled.
 */

import type { FieldScanner } from './field-list.js';
import { parseList, parseTokenList } from './field-list.js';
import type { Fields, RequestHead } from './head.js';
import { parseAuthority } from './origin.js';
import type { Refused } from './verdict.js';
import { refused } from './verdict.js';

/** Null when the demand is met. `fields` are those of `head`. */
export type RequestCheck = (head: RequestHead, fields: Fields) => Refused | null;

/**
 * Node's HTTP server keeps about this many fields (names and values, so half as many lines) and drops the others
 * without a word, unless its `maxHeadersCount` says otherwise. What was dropped could be Content-Length or Origin.
 */
const MAX_RAW_HEADERS = 2000;

/** Origin-form, visible ASCII, no fragment; `//` and `/\` begin an authority for many URL parsers. */
const ORIGIN_FORM = /^\/(?![/\\])[!"$-~]*$/;

/** Base64 of 16 bytes in its only canonical form: the last character carries two bits, and four zeros. */
const KEY = /^[A-Za-z0-9+/]{21}[AQgw]==$/;

/** No control characters, and no bytes above 0x7f, which no grammar of these fields allows. */
const PRINTABLE_ASCII = /^[\t\x20-\x7e]*$/;

const WEB_SOCKET_FIELD = /^sec-websocket-/i;

const UPGRADE = { Upgrade: 'websocket' };
const VERSION = { 'Sec-WebSocket-Version': '13' };

/** In order: the first one that fails is the answer. */
export const REQUEST_CHECKS: readonly RequestCheck[] = [
  size,
  version,
  method,
  target,
  host,
  body,
  expectation,
  upgrade,
  connection,
  webSocketVersion,
  webSocketKey,
  webSocketFields,
];

/** Those that do not depend on the version of HTTP, in order. */
export const MESSAGE_CHECKS: readonly RequestCheck[] = [target, host, body, expectation, webSocketFields];

function size({ rawHeaders }: RequestHead): Refused | null {
  return rawHeaders.length < MAX_RAW_HEADERS ? null : refused(431, 'The request has too many header fields.');
}

function version({ httpVersion }: RequestHead): Refused | null {
  return httpVersion === '1.1' ? null : refused(505, 'A WebSocket needs HTTP/1.1.');
}

function method(head: RequestHead): Refused | null {
  return head.method === 'GET' ? null : refused(405, 'The method must be GET.', { Allow: 'GET' });
}

function target(head: RequestHead): Refused | null {
  return ORIGIN_FORM.test(head.target) ? null : refused(400, 'The request target must be a path.');
}

function host(_: RequestHead, fields: Fields): Refused | null {
  const value = fields.only('host');
  if (value === null) return refused(400, 'Host must come once.');
  return parseAuthority(value) === null ? refused(400, 'Host is malformed.') : null;
}

/** An upgrade with a body lets a proxy and a server disagree about where the request ends. */
function body(_: RequestHead, fields: Fields): Refused | null {
  const isEmpty = fields.all('content-length').every((length) => length === '0');
  const isPlain = fields.all('transfer-encoding').length === 0;
  return isEmpty && isPlain ? null : refused(400, 'The request must not have a body.');
}

function expectation(_: RequestHead, fields: Fields): Refused | null {
  return fields.all('expect').length === 0 ? null : refused(417, 'No expectation can be met here.');
}

function upgrade(_: RequestHead, fields: Fields): Refused | null {
  if (fields.only('upgrade') === 'websocket') return null;
  const protocols = parseList(fields.all('upgrade').join(), readProtocol);
  if (protocols === null) return refused(400, 'Upgrade is malformed.');
  if (protocols.includes('websocket')) return null;
  return refused(426, 'This is a WebSocket: the request must have Upgrade: websocket.', UPGRADE);
}

function connection(_: RequestHead, fields: Fields): Refused | null {
  if (fields.only('connection') === 'Upgrade') return null;
  const tokens = parseTokenList(fields.all('connection').join());
  if (tokens === null) return refused(400, 'Connection is malformed.');
  if (tokens.some((token) => token.toLowerCase() === 'upgrade')) return null;
  return refused(426, 'This is a WebSocket: the request must have Connection: Upgrade.', UPGRADE);
}

/** Several versions or none is a malformed request (§4.1); another version is one that we do not speak (§4.4). */
function webSocketVersion(_: RequestHead, fields: Fields): Refused | null {
  const value = fields.only('sec-websocket-version');
  if (value === null) return refused(400, 'Sec-WebSocket-Version must come once.', VERSION);
  return value === '13' ? null : refused(426, 'Sec-WebSocket-Version must be 13.', { ...UPGRADE, ...VERSION });
}

function webSocketKey(_: RequestHead, fields: Fields): Refused | null {
  const value = fields.only('sec-websocket-key');
  if (value === null) return refused(400, 'Sec-WebSocket-Key must come once.');
  return KEY.test(value) ? null : refused(400, 'Sec-WebSocket-Key must be 16 bytes in base64.');
}

function webSocketFields({ rawHeaders }: RequestHead): Refused | null {
  for (let at = 0; at + 1 < rawHeaders.length; at += 2) {
    const isOurs = WEB_SOCKET_FIELD.test(rawHeaders[at] as string);
    if (isOurs && !PRINTABLE_ASCII.test(rawHeaders[at + 1] as string)) {
      return refused(400, 'Sec-WebSocket fields must be ASCII.');
    }
  }
  return null;
}

/** A protocol name, in lower case, with its version if it has one (RFC 9110 §7.8): `websocket`, `h2c`, `foo/2`. */
function readProtocol(scanner: FieldScanner): string | null {
  const name = scanner.token()?.toLowerCase() ?? null;
  if (name === null || !scanner.take('/')) return name;
  const version = scanner.token();
  return version === null ? null : `${name}/${version}`;
}
