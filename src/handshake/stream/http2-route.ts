/**
 * The client's handshake over HTTP/2, from a URL to a stream.
 *
 * Knows: whose session is used, when to ask again on another one, when to give up in favour of HTTP/1.1.
 * Does not know: what happens then (dial.ts), how sessions are shared (http2-pool.ts).
 */

import type { HeaderField } from '../client-options.js';
import type { Target } from '../client-url.js';
import { connectRequestFields } from '../connect-request.js';
import type { Offer } from '../judge-response.js';
import { connectExchange, isUnprocessed } from './connect-exchange.js';
import type { Answered, Upgraded } from './exchange.js';
import type { TransportOptions } from './http-request.js';
import { type Declined, Http2Pool } from './http2-pool.js';

/** What is asked for, and how. */
export interface Http2Request {
  readonly target: Target;
  readonly fields: readonly HeaderField[];
  readonly transport: TransportOptions;
}

/** The sessions of this process: they live as long as there are WebSockets on them. */
const SESSIONS = new Http2Pool();

/**
 * Asks for a WebSocket over HTTP/2; answers with why there is no HTTP/2 for it when the server does not offer it. A new
 * connection offers `protocols` (ALPN). Rejects as `connectExchange` and `Http2Pool.lease` do.
 */
export async function askOverHttp2(
  { target, fields, transport }: Http2Request,
  offer: Offer,
  protocols: readonly string[],
  signal: AbortSignal,
  pool = SESSIONS,
): Promise<Upgraded | Answered | Declined> {
  const { session } = transport;
  for (let mayRepeat = session === undefined; ; mayRepeat = false) {
    const lease = await (session === undefined
      ? pool.lease(target, transport, protocols, signal)
      : pool.place(session, target, signal));
    if ('why' in lease) return lease;
    const request = connectRequestFields(target, offer, fields);
    try {
      return await connectExchange(lease.session, request, offer, signal, lease.release);
    } catch (error) {
      if (!mayRepeat || !isUnprocessed(error)) throw error;
    }
  }
}
