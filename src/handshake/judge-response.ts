/**
 * Whether an HTTP response opens the WebSocket that we asked for (RFC 6455 §4.1, the client's requirements).
 *
 * Knows: every rule that the head of the response must keep, given what we offered.
 * Does not know: how the response was read, what an extension's parameters mean, or what to do about a refusal.
 */

import { acceptKey } from './accept-key.js';
import { quoted } from './excerpt.js';
import { type Extension, parseExtensions } from './extensions.js';
import { parseTokenList } from './field-list.js';
import { fieldValues, type ResponseHead } from './head.js';

/** What the request asked for. */
export interface Offer {
  /** The `Sec-WebSocket-Key` that was sent: 16 random bytes in base64. */
  readonly key: string;
  /** In order of preference, may be empty. */
  readonly subprotocols: readonly string[];
  /** In order of preference, may be empty. One name may be offered several times, with different parameters. */
  readonly extensions: readonly Extension[];
  /**
   * Judges the parameters of the extensions that the server accepted (names have been judged already): null, or why
   * they are unacceptable, as a part of a sentence. Default: all parameters are fine.
   */
  readonly acceptExtensions?: ((accepted: readonly Extension[]) => string | null) | undefined;
}

/** What a response grants. */
export interface Grant {
  /** One of the offered subprotocols, or null when the server chose none. */
  readonly subprotocol: string | null;
  /** In the order in which they apply (RFC 6455 §9.1). */
  readonly extensions: readonly Extension[];
}

/** The judgement; `why` is a part of a sentence and quotes at most 80 printable characters of the response. */
export type ResponseVerdict =
  | ({
      /** The WebSocket is open. */
      readonly accepted: true;
    } & Grant)
  | {
      /** It is not, and the connection is of no use. */
      readonly accepted: false;
      /** Why, as a part of a sentence. */
      readonly why: string;
    };

/**
 * Judges the head of the response to a handshake that offered `offer`. Never throws on bytes from the network.
 * Only a 101 over HTTP/1.1 is an upgrade; a field that must occur once is refused when it occurs twice, even if both
 * say the same. `Sec-WebSocket-Protocol` may be absent although subprotocols were offered (RFC 6455 §4.2.2).
 */
export function judgeResponse(offer: Offer, head: ResponseHead): ResponseVerdict {
  const why = whyNotUpgraded(offer, head);
  return why === null ? judgeGrant(offer, head) : refused(why);
}

/**
 * Judges the head of the response to an extended CONNECT over HTTP/2 (RFC 8441 §5): any 2xx opens the WebSocket. Never
 * throws on bytes from the network.
 */
export function judgeConnectResponse(offer: Offer, head: ResponseHead): ResponseVerdict {
  const { status } = head;
  return status >= 200 && status < 300 ? judgeGrant(offer, head) : refused(`status ${status} is not 2xx`);
}

/** What is the same over every version of HTTP. */
function judgeGrant(offer: Offer, head: ResponseHead): ResponseVerdict {
  const subprotocol = chosenSubprotocol(offer, head);
  if (subprotocol !== null && 'why' in subprotocol) return refused(subprotocol.why);
  const extensions = acceptedExtensions(offer, head);
  if ('why' in extensions) return refused(extensions.why);
  return { accepted: true, subprotocol: subprotocol?.name ?? null, extensions: extensions.list };
}

interface Fault {
  readonly why: string;
}

function refused(why: string): ResponseVerdict {
  return { accepted: false, why };
}

function whyNotUpgraded(offer: Offer, { status, httpVersion, rawHeaders }: ResponseHead): string | null {
  if (status !== 101) return `status ${status} is not 101`;
  if (httpVersion !== '1.1') return `HTTP/${httpVersion} is not HTTP/1.1`;
  return (
    whyNotExactly(rawHeaders, 'Upgrade', (value) => value.toLowerCase() === 'websocket') ??
    whyNotConnection(rawHeaders) ??
    whyNotExactly(rawHeaders, 'Sec-WebSocket-Accept', (value) => value === acceptKey(offer.key))
  );
}

function whyNotExactly(rawHeaders: readonly string[], name: string, fits: (value: string) => boolean): string | null {
  const values = fieldValues(rawHeaders, name);
  const [value] = values;
  if (value === undefined) return `${name} is missing`;
  if (values.length > 1) return `${name} occurs ${values.length} times`;
  return fits(value) ? null : `${name} is ${quoted(value)}`;
}

/** `Connection` is a list and may stand on several lines: `keep-alive, Upgrade` is legal. */
function whyNotConnection(rawHeaders: readonly string[]): string | null {
  const values = fieldValues(rawHeaders, 'Connection');
  if (values.length === 0) return 'Connection is missing';
  const value = values.join(', ');
  const options = parseTokenList(value);
  if (options === null) return `Connection is malformed: ${quoted(value)}`;
  const upgrades = options.some((option) => option.toLowerCase() === 'upgrade');
  return upgrades ? null : `Connection does not say upgrade: ${quoted(value)}`;
}

function chosenSubprotocol(offer: Offer, head: ResponseHead): { readonly name: string } | Fault | null {
  const values = fieldValues(head.rawHeaders, 'Sec-WebSocket-Protocol');
  const [name] = values;
  if (name === undefined) return null;
  if (values.length > 1) return { why: `Sec-WebSocket-Protocol occurs ${values.length} times` };
  if (!offer.subprotocols.includes(name)) return { why: `subprotocol ${quoted(name)} was not offered` };
  return { name };
}

function acceptedExtensions(offer: Offer, head: ResponseHead): { readonly list: readonly Extension[] } | Fault {
  const values = fieldValues(head.rawHeaders, 'Sec-WebSocket-Extensions');
  const [value] = values;
  if (value === undefined) return { list: [] };
  // RFC 6455 §11.3.2: more than once in a request is fine, in a response it is not.
  if (values.length > 1) return { why: `Sec-WebSocket-Extensions occurs ${values.length} times` };
  const list = parseExtensions(value);
  if (list === null || list.length === 0) return { why: `Sec-WebSocket-Extensions is malformed: ${quoted(value)}` };
  const why = whyNotOffered(offer, list) ?? offer.acceptExtensions?.(list) ?? null;
  return why === null ? { list } : { why };
}

function whyNotOffered(offer: Offer, accepted: readonly Extension[]): string | null {
  const offered = new Set(offer.extensions.map((extension) => extension.name));
  const seen = new Set<string>();
  for (const { name } of accepted) {
    if (!offered.has(name)) return `extension ${quoted(name)} was not offered`;
    if (seen.has(name)) return `extension ${quoted(name)} is accepted twice`;
    seen.add(name);
  }
  return null;
}
