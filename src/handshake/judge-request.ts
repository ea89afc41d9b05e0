/**
 * Whether a request is the client's half of the handshake (RFC 6455 §4.2.1), and the answer to it.
 *
 * Knows: every demand on an HTTP/1.1 request, and which status says that it is not met.
 * Does not know: how the head was parsed, or how the answer is written (response-head.ts).
 *
 * An expected refusal is a value. What throws here is a mistake of the caller: a bad option, or a callback that fails.
 */

import { UsageError } from '../errors.js';
import { acceptKey } from './accept-key.js';
import type { Extension } from './extensions.js';
import { parseExtensions } from './extensions.js';
import type { RequestHead } from './head.js';
import { Fields } from './head.js';
import type { OriginOption, OriginRule } from './origin.js';
import { parseAuthority, parseOriginRule } from './origin.js';
import { REQUEST_CHECKS } from './request-checks.js';
import type { SubprotocolChooser, SubprotocolOption } from './subprotocol.js';
import { parseSubprotocolChooser, parseSubprotocols } from './subprotocol.js';
import type { Refused } from './verdict.js';
import { refused } from './verdict.js';

/** Who may connect, and what is negotiated. */
export interface JudgeOptions {
  /** Which web pages may connect. Default: `'same'`. Over it: 403. */
  readonly origins?: OriginOption | undefined;
  /** What we speak. Default: none, and then nothing is echoed. */
  readonly subprotocols?: SubprotocolOption | undefined;
  /** Answers what was offered with what is accepted, in the order it is to be applied. Default: nothing is accepted. */
  readonly extensions?: ExtensionNegotiator | undefined;
  /** True when the connection is known to be TLS: then an `http:` page is not of the same origin. Default: false. */
  readonly secure?: boolean | undefined;
}

/** Called when anything is offered; must answer with names that were offered, synchronously. */
export type ExtensionNegotiator = (offers: readonly Extension[]) => readonly Extension[];

/** What client and server agree on. */
export interface Terms {
  /** Told from a refusal by this. */
  readonly accepted: true;
  /** The subprotocol that was chosen, null when there is none. */
  readonly subprotocol: string | null;
  /** The extensions that were accepted, in order. */
  readonly extensions: readonly Extension[];
}

/** The handshake is good: what the 101 says. */
export interface Accepted extends Terms {
  /** The value of Sec-WebSocket-Accept. */
  readonly accept: string;
}

/** What a server makes of a request: the answer to it, or a refusal to send instead. */
export type Verdict = Accepted | Refused;

/** A judge whose options are already parsed. */
export type Judge = (head: RequestHead) => Verdict;

/** Parsed options. */
export interface Rules {
  readonly mayConnect: OriginRule;
  readonly choose: SubprotocolChooser;
  readonly negotiate: ExtensionNegotiator;
}

const NO_EXTENSIONS: readonly Extension[] = Object.freeze([]);

/**
 * Judges one request. To judge many, make the judge once with `requestJudge`.
 * @throws UsageError for a bad option or a bad answer of a callback; whatever a callback throws.
 */
export function judgeRequest(head: RequestHead, options: JudgeOptions = {}): Verdict {
  return requestJudge(options)(head);
}

/**
 * The judge that `options` describe; changing them afterwards changes nothing.
 * @throws UsageError for a bad option. The judge throws as `judgeRequest` does.
 */
export function requestJudge(options: JudgeOptions = {}): Judge {
  const rules = parseRules(options);
  return (head) => judge(head, rules);
}

/** @throws UsageError for a bad option. */
export function parseRules({ origins, subprotocols, extensions, secure }: JudgeOptions): Rules {
  if (extensions !== undefined && typeof extensions !== 'function') {
    throw new UsageError('extensions must be a function.');
  }
  if (secure !== undefined && typeof secure !== 'boolean') throw new UsageError('secure must be true or false.');
  return Object.freeze({
    mayConnect: parseOriginRule(origins, secure),
    choose: parseSubprotocolChooser(subprotocols),
    negotiate: extensions ?? (() => []),
  } satisfies Rules);
}

function judge(head: RequestHead, rules: Rules): Verdict {
  const fields = new Fields(head.rawHeaders);
  for (const check of REQUEST_CHECKS) {
    const fault = check(head, fields);
    if (fault !== null) return fault;
  }
  const terms = agree(head, fields, rules);
  if (!terms.accepted) return terms;
  const accept = acceptKey(fields.only('sec-websocket-key') as string);
  return { accepted: true, accept, subprotocol: terms.subprotocol, extensions: terms.extensions };
}

/** What is the same over every version of HTTP: who may come in, and what is negotiated. `head` has one Host. */
export function agree(head: RequestHead, fields: Fields, rules: Rules): Terms | Refused {
  const foreign = judgeOrigin(head, fields, rules.mayConnect);
  if (foreign !== null) return foreign;
  const offered = parseSubprotocols(fields.all('sec-websocket-protocol'));
  if (offered === null) return refused(400, 'Sec-WebSocket-Protocol must list tokens, each of them once.');
  const offers = parseOffers(fields.all('sec-websocket-extensions'));
  if (offers === null) return refused(400, 'Sec-WebSocket-Extensions is malformed.');
  return {
    accepted: true,
    subprotocol: rules.choose(offered, head),
    extensions: offers.length === 0 ? NO_EXTENSIONS : acceptOffers(offers, rules.negotiate),
  };
}

function judgeOrigin(head: RequestHead, fields: Fields, mayConnect: OriginRule): Refused | null {
  if (fields.all('origin').length === 0) return null;
  const origin = fields.only('origin');
  if (origin === null) return refused(400, 'Origin must come once.');
  const host = parseAuthority(fields.only('host') ?? '');
  if (host !== null && mayConnect(origin, host, head)) return null;
  return refused(403, 'Pages of this origin may not connect.');
}

/** All offers of all fields, in order; null when a field is malformed or empty. */
function parseOffers(values: readonly string[]): Extension[] | null {
  const offers: Extension[] = [];
  for (const value of values) {
    const list = parseExtensions(value);
    if (list === null || list.length === 0) return null;
    offers.push(...list);
  }
  return offers;
}

function acceptOffers(offers: readonly Extension[], negotiate: ExtensionNegotiator): readonly Extension[] {
  const accepted = negotiate(offers);
  if (!Array.isArray(accepted)) throw new UsageError('extensions must answer a list.');
  const names = new Set(offers.map(({ name }) => name));
  if (!accepted.every(({ name }) => names.has(name))) {
    throw new UsageError('extensions must answer with names that were offered.');
  }
  return Object.freeze([...accepted]);
}
