/**
 * Arbitraries of the server's half of the handshake (RFC 6455 §4.2.2): legal answers to an offer, and answers with one
 * labelled fault, which a client must not take for a WebSocket (§4.1).
 *
 * Knows: which lines an answer needs, and the ways to spoil it.
 * Does not know: requests (handshake-requests.ts).
 */
import fc, { type Arbitrary } from 'fast-check';
import { acceptKey } from '../handshake/accept-key.js';
import type { ResponseHead } from '../handshake/head.js';
import { changed, type FieldLine, spelled } from './field-lines.js';
import { labelled } from './labelled.js';

/** What the client asked for. */
export interface ArbitraryOffer {
  /** The Sec-WebSocket-Key that it sent. */
  readonly key: string;
  /** Subprotocols that it offered. Default: none. */
  readonly subprotocols?: readonly string[] | undefined;
}

/** A response, parsed and as bytes. */
export interface ArbitraryResponse {
  /** As a parser gives it. */
  readonly head: ResponseHead;
  /** The same on the wire, with the empty line at its end. */
  readonly bytes: Buffer;
}

/** A response with one fault. */
export interface BrokenResponse extends ArbitraryResponse {
  /** What is wrong with it: `the proof of another key`, for example. */
  readonly fault: string;
}

interface ResponseFault {
  readonly status?: number;
  readonly httpVersion?: string;
  readonly lines?: Readonly<Record<string, string | readonly string[] | null>>;
}

/** `accept` is what the right answer would be. */
const faults = (accept: string): Readonly<Record<string, ResponseFault>> => ({
  'status 200': { status: 200 },
  'status 400': { status: 400 },
  'HTTP/1.0': { httpVersion: '1.0' },
  'no Upgrade': { lines: { Upgrade: null } },
  'another Upgrade': { lines: { Upgrade: 'h2c' } },
  'no Connection': { lines: { Connection: null } },
  'a Connection that does not say upgrade': { lines: { Connection: 'keep-alive' } },
  'no proof': { lines: { 'Sec-WebSocket-Accept': null } },
  'two proofs': { lines: { 'Sec-WebSocket-Accept': [accept, accept] } },
  'the proof of another key': { lines: { 'Sec-WebSocket-Accept': acceptKey('') } },
  'a proof in another case': { lines: { 'Sec-WebSocket-Accept': swapCase(accept) } },
  'a subprotocol that was not offered': { lines: { 'Sec-WebSocket-Protocol': 'never-offered' } },
  'an extension that was not offered': { lines: { 'Sec-WebSocket-Extensions': 'never-offered' } },
  'a malformed extension': { lines: { 'Sec-WebSocket-Extensions': ';' } },
});

/** Answers that a client must take, in any order of lines, in any case. */
export function handshakeResponses(offer: ArbitraryOffer): Arbitrary<ArbitraryResponse> {
  return legalLines(offer).chain((lines) => response(101, '1.1', lines));
}

/** Answers that a client must not take. */
export function brokenResponses(offer: ArbitraryOffer): Arbitrary<BrokenResponse> {
  const all = Object.entries(faults(acceptKey(offer.key)));
  return fc.tuple(legalLines(offer), fc.constantFrom(...all)).chain(([legal, [fault, spoilt]]) => {
    const { status = 101, httpVersion = '1.1', lines = {} } = spoilt;
    return response(status, httpVersion, changed(legal, lines)).map((one) => {
      const broken: BrokenResponse = { ...one, fault };
      return labelled(broken, () => `${fault}:\n${one.bytes.toString('latin1')}`);
    });
  });
}

function legalLines({ key, subprotocols = [] }: ArbitraryOffer): Arbitrary<FieldLine[]> {
  return fc
    .record({
      upgrade: fc.constantFrom('websocket', 'WebSocket', 'WEBSOCKET'),
      connection: fc.constantFrom('Upgrade', 'upgrade', 'keep-alive, Upgrade'),
      subprotocol: fc.constantFrom(null, ...subprotocols),
    })
    .map(({ upgrade, connection, subprotocol }) => {
      const lines: FieldLine[] = [
        ['Upgrade', upgrade],
        ['Connection', connection],
        ['Sec-WebSocket-Accept', acceptKey(key)],
      ];
      return subprotocol === null ? lines : [...lines, ['Sec-WebSocket-Protocol', subprotocol]];
    });
}

function response(status: number, httpVersion: string, lines: readonly FieldLine[]): Arbitrary<ArbitraryResponse> {
  return spelled(`HTTP/${httpVersion} ${status} `, lines).map(({ rawHeaders, bytes }) =>
    labelled({ head: { status, httpVersion, rawHeaders }, bytes }, () => bytes.toString('latin1')),
  );
}

function swapCase(text: string): string {
  return text.replace(/[a-z]/gi, (letter) =>
    letter === letter.toLowerCase() ? letter.toUpperCase() : letter.toLowerCase(),
  );
}
