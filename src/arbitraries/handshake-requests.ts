/**
 * Arbitraries of the client's half of the handshake (RFC 6455 §4.1, §4.2.1): legal requests in every legal spelling, and
 * requests with one labelled fault, so that the status that a strict server answers with is known.
 *
 * Knows: which lines a request needs, and the ways to spoil it.
 * Does not know: responses (handshake-responses.ts).
 */
import fc, { type Arbitrary } from 'fast-check';
import { formatExtensions } from '../handshake/extensions.js';
import type { RequestHead } from '../handshake/head.js';
import { extensionOffers } from './extension-offers.js';
import { changed, type FieldLine, handshakeKeys, spelled, tokens } from './field-lines.js';
import { labelled } from './labelled.js';

/** A request, parsed and as bytes. */
export interface ArbitraryRequest {
  /** As a parser gives it. */
  readonly head: RequestHead;
  /** The same on the wire, with the empty line at its end. */
  readonly bytes: Buffer;
  /** Its Sec-WebSocket-Key. */
  readonly key: string;
}

/** A request with one fault. */
export interface BrokenRequest extends ArbitraryRequest {
  /** What is wrong with it: `two Hosts`, for example. */
  readonly fault: string;
  /** The status that framepipe answers with; other servers may choose another 4xx or 5xx, but never 101. */
  readonly status: number;
}

interface RequestFault {
  readonly status: number;
  readonly method?: string;
  readonly target?: string;
  readonly httpVersion?: string;
  readonly lines?: Readonly<Record<string, string | readonly string[] | null>>;
}

const KEY = 'dGhlIHNhbXBsZSBub25jZQ==';

const FAULTS: Readonly<Record<string, RequestFault>> = {
  'a method other than GET': { status: 405, method: 'POST' },
  'HTTP/1.0': { status: 505, httpVersion: '1.0' },
  'an absolute target': { status: 400, target: 'http://server.example.com/chat' },
  'a target that begins an authority': { status: 400, target: '//elsewhere.example.com/' },
  'no Host': { status: 400, lines: { Host: null } },
  'two Hosts': { status: 400, lines: { Host: ['server.example.com', 'server.example.com'] } },
  'a body by length': { status: 400, lines: { 'Content-Length': '5' } },
  'a body in chunks': { status: 400, lines: { 'Transfer-Encoding': 'chunked' } },
  'an expectation': { status: 417, lines: { Expect: '100-continue' } },
  'an Upgrade to something else': { status: 426, lines: { Upgrade: 'h2c' } },
  'a Connection that does not say upgrade': { status: 426, lines: { Connection: 'keep-alive' } },
  'no version': { status: 400, lines: { 'Sec-WebSocket-Version': null } },
  'version 8': { status: 426, lines: { 'Sec-WebSocket-Version': '8' } },
  'version 13.0': { status: 426, lines: { 'Sec-WebSocket-Version': '13.0' } },
  'two versions': { status: 400, lines: { 'Sec-WebSocket-Version': ['13', '13'] } },
  'no key': { status: 400, lines: { 'Sec-WebSocket-Key': null } },
  'two keys': { status: 400, lines: { 'Sec-WebSocket-Key': [KEY, KEY] } },
  'a key of 15 bytes': { status: 400, lines: { 'Sec-WebSocket-Key': 'AAAAAAAAAAAAAAAAAAAA' } },
  'a key of 17 bytes': { status: 400, lines: { 'Sec-WebSocket-Key': 'AAAAAAAAAAAAAAAAAAAAAAA=' } },
  'a key that is not canonical': { status: 400, lines: { 'Sec-WebSocket-Key': 'dGhlIHNhbXBsZSBub25jZR==' } },
  'a subprotocol twice': { status: 400, lines: { 'Sec-WebSocket-Protocol': 'chat, chat' } },
  'an empty list of subprotocols': { status: 400, lines: { 'Sec-WebSocket-Protocol': '' } },
  'a subprotocol with a space': { status: 400, lines: { 'Sec-WebSocket-Protocol': 'a b' } },
  'a malformed extension': { status: 400, lines: { 'Sec-WebSocket-Extensions': 'permessage-deflate; =' } },
  'an unclosed quote': { status: 400, lines: { 'Sec-WebSocket-Extensions': 'a; b="c' } },
  'bytes above ASCII': { status: 400, lines: { 'Sec-WebSocket-Protocol': 'ch\u00e4t' } },
  'a foreign origin': { status: 403, lines: { Origin: 'https://evil.example.net' } },
  'the origin null': { status: 403, lines: { Origin: 'null' } },
  'two origins': { status: 400, lines: { Origin: ['http://server.example.com', 'http://server.example.com'] } },
};

/** Requests that a server must accept, in any order of lines, in any case, with offers of subprotocols and extensions. */
export function handshakeRequests(): Arbitrary<ArbitraryRequest> {
  return legalLines().chain(({ key, target, lines }) =>
    request({ method: 'GET', target, httpVersion: '1.1' }, key, lines),
  );
}

/** Requests that a server must refuse, with the default options of `createServer`. */
export function brokenRequests(): Arbitrary<BrokenRequest> {
  return fc.tuple(legalLines(), fc.constantFrom(...Object.entries(FAULTS))).chain(([legal, [name, fault]]) => {
    const { status, method = 'GET', target = legal.target, httpVersion = '1.1', lines = {} } = fault;
    return request({ method, target, httpVersion }, legal.key, changed(legal.lines, lines)).map((one) => {
      const broken: BrokenRequest = { ...one, fault: name, status };
      return labelled(broken, () => `${name} (${status}):\n${one.bytes.toString('latin1')}`);
    });
  });
}

interface LegalLines {
  readonly key: string;
  readonly target: string;
  readonly lines: readonly FieldLine[];
}

function legalLines(): Arbitrary<LegalLines> {
  const host = fc.constantFrom('server.example.com', 'localhost:8080', '127.0.0.1:1', '[::1]:9000');
  return fc
    .record({
      key: handshakeKeys(),
      target: fc.constantFrom('/', '/chat', '/a/b?c=d&e', '/%41?', '/*'),
      host,
      connection: fc.constantFrom('Upgrade', 'upgrade', 'keep-alive, Upgrade', 'Upgrade,', ', UPGRADE ,x'),
      upgrade: fc.constantFrom('websocket', 'WebSocket', 'h2c, websocket', 'websocket/13, websocket'),
      origin: fc.boolean(),
      subprotocols: fc.uniqueArray(tokens(), { maxLength: 3 }),
      extensions: fc.array(extensionOffers(), { maxLength: 3 }),
    })
    .map(({ key, target, host: authority, connection, upgrade, origin, subprotocols, extensions }) => {
      const lines: FieldLine[] = [
        ['Host', authority],
        ['Upgrade', upgrade],
        ['Connection', connection],
        ['Sec-WebSocket-Key', key],
        ['Sec-WebSocket-Version', '13'],
      ];
      if (origin) lines.push(['Origin', `http://${authority}`]);
      if (subprotocols.length > 0) lines.push(['Sec-WebSocket-Protocol', subprotocols.join(', ')]);
      if (extensions.length > 0) lines.push(['Sec-WebSocket-Extensions', formatExtensions(extensions)]);
      return { key, target, lines };
    });
}

function request(
  start: Pick<RequestHead, 'method' | 'target' | 'httpVersion'>,
  key: string,
  lines: readonly FieldLine[],
): Arbitrary<ArbitraryRequest> {
  const { method, target, httpVersion } = start;
  return spelled(`${method} ${target} HTTP/${httpVersion}`, lines).map(({ rawHeaders, bytes }) =>
    labelled({ head: { ...start, rawHeaders }, bytes, key }, () => bytes.toString('latin1')),
  );
}
