/**
 * The client's handshake, from a URL to an upgraded socket (RFC 6455 §4.1).
 *
 * Knows: the order of things: connect, ask, follow redirects if that was allowed, give up when the time is over.
 * Does not know: frames, messages, or what the caller does with the socket.
 */

import type { IncomingMessage } from 'node:http';
import { Socket } from 'node:net';
import { UsageError, violation } from '../../errors.js';
import { type ClientOptions, type ClientSettings, type HeaderField, parseClientOptions } from '../client-options.js';
import { createOffer, requestHeaders } from '../client-request.js';
import type { Target } from '../client-url.js';
import { fieldValues } from '../head.js';
import type { Offer } from '../judge-response.js';
import { crossOriginFields, isRedirect, judgeRedirect } from '../redirect.js';
import { Deadline } from './deadline.js';
import { type Answered, exchange, type Upgraded } from './exchange.js';
import { crossOriginTransport, httpVersion, openRequest, type TransportOptions } from './http-request.js';
import { askOverHttp2 } from './http2-route.js';
import { refusal } from './refusal.js';

/** Options of `dial`. */
export interface DialOptions extends ClientOptions, TransportOptions {
  /** Gives up when it aborts: the promise rejects with its reason. It has no effect after that the promise is settled. */
  readonly signal?: AbortSignal | undefined;
}

/** An open WebSocket connection, before its first frame. Over HTTP/2, `socket` is one stream of a session. */
export interface Dialled extends Omit<Upgraded, 'kind'> {
  /** What was offered in the request that was accepted. */
  readonly offer: Offer;
  /** Where the connection leads, after redirects, without user information. */
  readonly url: string;
}

/** One request of a chain of redirects. */
interface Hop {
  readonly target: Target;
  readonly fields: readonly HeaderField[];
  readonly transport: TransportOptions;
}

/**
 * Opens a WebSocket connection. The socket that it resolves with is paused, detached from its agent, without a timeout
 * and with TCP_NODELAY; the caller owns it and reads `head` first. When it rejects, nothing is left open.
 *
 * Rejects with a HandshakeError: `ERR_WS_HANDSHAKE_REFUSED` (`status` and at most 1 KiB of the body are quoted),
 * `ERR_WS_UNREACHABLE` (the connection failed; `cause` is Node's error), `ERR_WS_HANDSHAKE_INVALID` (the answer is no HTTP or
 * no WebSocket), `ERR_WS_HANDSHAKE_TIMEOUT`, `ERR_WS_HTTP2_UNAVAILABLE` (with `http: '2'`); or with the reason of
 * `options.signal`; or with a UsageError for what only Node can judge, such as a certificate that is none.
 *
 * A redirect to another origin (scheme, host or port) loses Authorization, Cookie, Proxy-Authorization, Host, the
 * user information of the URL, and the client's certificate; one from wss to ws is refused.
 * @throws UsageError at once, not as a rejection, for options that are malformed or out of range.
 */
export function dial(url: string | URL, options: DialOptions = {}): Promise<Dialled> {
  const settings = parseClientOptions(url, options);
  httpVersion(options);
  if (options.agent !== undefined && options.createConnection !== undefined) {
    throw new UsageError('Either agent or createConnection makes the connection, not both.');
  }
  return followed(settings, options);
}

async function followed(settings: ClientSettings, options: DialOptions): Promise<Dialled> {
  const deadline = new Deadline(settings.handshakeTimeoutMs, options.signal);
  try {
    let hop: Hop = { target: settings.target, fields: settings.fields, transport: options };
    for (let redirects = 0; ; redirects += 1) {
      const offer = createOffer(settings);
      const answer = await ask(hop, offer, deadline.signal);
      if (answer.kind === 'upgraded') return dialled(answer, offer, hop.target.href);
      hop = await nextHop(hop, answer.response, settings.maxRedirects, redirects);
    }
  } finally {
    deadline.release();
  }
}

async function ask(hop: Hop, offer: Offer, signal: AbortSignal): Promise<Upgraded | Answered> {
  signal.throwIfAborted();
  const version = httpVersion(hop.transport);
  const isAsked = version === '2' || hop.transport.session !== undefined || (version === 'auto' && hop.target.secure);
  if (!isAsked) return askOverHttp1(hop, offer, signal);
  const answer = await askOverHttp2(hop, offer, version === '2' ? ['h2'] : ['h2', 'http/1.1'], signal);
  if ('kind' in answer) return answer;
  const { why, socket } = answer;
  if (version === 'auto') return askOverHttp1(hop, offer, signal, socket);
  socket?.destroy();
  throw violation('HTTP2_UNAVAILABLE', { reason: why });
}

/** Over a new connection, or over `made`. */
function askOverHttp1(
  hop: Hop,
  offer: Offer,
  signal: AbortSignal,
  made: Socket | null = null,
): Promise<Upgraded | Answered> {
  const { target, fields } = hop;
  const transport = made === null ? hop.transport : { ...hop.transport, createConnection: () => made };
  return exchange(openRequest(target, requestHeaders(target, offer, fields), transport), offer, signal);
}

function dialled(answer: Upgraded, offer: Offer, url: string): Dialled {
  const { kind: _, socket, ...rest } = answer;
  if (socket instanceof Socket) socket.setTimeout(0).setNoDelay(true);
  return { ...rest, socket, offer, url };
}

/** Where the redirect `response` leads; throws the refusal if it is none, or not one to follow. */
async function nextHop(hop: Hop, response: IncomingMessage, maxRedirects: number, redirects: number): Promise<Hop> {
  if (maxRedirects === 0 || !isRedirect(response.statusCode ?? 0)) throw await refusal(response);
  if (redirects === maxRedirects) throw await refusal(response, `more than ${maxRedirects} redirects`);
  const redirect = judgeRedirect(hop.target, fieldValues(response.rawHeaders, 'Location'));
  if (!redirect.followed) throw await refusal(response, `the redirect is not followed: ${redirect.why}`);
  const { target, sameOrigin } = redirect;
  if (!sameOrigin && hop.transport.socketPath !== undefined) {
    throw await refusal(response, 'the redirect is not followed: it leads away from socketPath');
  }
  response.socket.destroy();
  if (sameOrigin) return { ...hop, target };
  return { target, fields: crossOriginFields(hop.fields), transport: crossOriginTransport(hop.transport) };
}
