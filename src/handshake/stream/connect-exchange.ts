/**
 * One extended CONNECT and what became of it (RFC 8441 §5).
 *
 * Knows: the ways in which Node's HTTP/2 client reports an answer, and how to stop waiting for one.
 * Does not know: where the session comes from (http2-pool.ts), redirects, deadlines.
 */

import { Buffer } from 'node:buffer';
import type { ClientHttp2Session, ClientHttp2Stream, IncomingHttpHeaders } from 'node:http2';
import { HandshakeError, UsageError, type WebSocketError } from '../../errors.js';
import { flatFields } from '../connect-head.js';
import type { Http2Fields } from '../connect-response.js';
import { headBytes, MAX_HEAD_BYTES } from '../head.js';
import { http2CodeName } from '../http2-codes.js';
import { judgeConnectResponse, type Offer } from '../judge-response.js';
import { type Answered, failure, invalid, type Upgraded } from './exchange.js';
import { http2Answer, http2Response } from './http2-message.js';
import { cancel, Http2Transport } from './http2-transport.js';
import { ignoreErrors } from './linger.js';

const NO_BYTES = Buffer.alloc(0);

/**
 * Sends the request on `session` and waits for its answer; `released` is called once, when the stream is no more.
 * When `signal` aborts, the stream is reset, also while an answer is being read. Rejects as `exchange` does.
 */
export function connectExchange(
  session: ClientHttp2Session,
  fields: Http2Fields,
  offer: Offer,
  signal: AbortSignal,
  released: () => void,
): Promise<Upgraded | Answered> {
  return new Promise((resolve, reject) => {
    const stream = openStream(session, fields);
    if (stream instanceof Error) {
      released();
      return reject(stream);
    }
    const abort = (): void => {
      reject(signal.reason);
      cancel(stream);
    };
    stream.on('error', (cause) => reject(failure(cause)));
    stream.once('close', () => {
      signal.removeEventListener('abort', abort);
      // Node has no error for a stream that was reset with CANCEL or NO_ERROR.
      reject(failure(new Error(`the stream was reset with ${http2CodeName(stream.rstCode ?? 0)}`)));
      released();
    });
    if (signal.aborted) return abort();
    signal.addEventListener('abort', abort);
    return stream.once('response', (headers, _flags, raw?: readonly string[]) => {
      const answer = answerOf(stream, headers, raw, offer);
      if ('why' in answer) reject(invalid(answer.why, answer.status));
      else resolve(answer);
    });
  });
}

function answerOf(
  stream: ClientHttp2Stream,
  headers: IncomingHttpHeaders & { readonly ':status'?: number | undefined },
  raw: readonly string[] = flatFields(headers),
  offer: Offer,
): Upgraded | Answered | { readonly why: string; readonly status: number } {
  const status = headers[':status'] ?? 0;
  if (headBytes(raw) > MAX_HEAD_BYTES) {
    cancel(stream);
    return { why: `its head is larger than ${MAX_HEAD_BYTES} bytes`, status };
  }
  const rawHeaders = raw.filter((_, at) => !raw[at - (at % 2)]?.startsWith(':'));
  const head = { status, httpVersion: '2.0', rawHeaders };
  if (status < 200 || status >= 300) return { kind: 'answered', response: http2Answer(stream, head) };
  const verdict = judgeConnectResponse(offer, head);
  if (!verdict.accepted) {
    cancel(stream);
    return { why: verdict.why, status };
  }
  const response = http2Response(stream, head);
  const socket = new Http2Transport(stream);
  // Until it has an owner who listens, its errors must not end the process; 'close' follows them.
  socket.on('error', ignoreErrors);
  return { ...verdict, kind: 'upgraded', socket, head: NO_BYTES, response };
}

/** What Node does not send is the caller's mistake, unless the session has ended meanwhile. */
function openStream(session: ClientHttp2Session, fields: Http2Fields): ClientHttp2Stream | WebSocketError {
  try {
    return session.request(fields, { endStream: false });
  } catch (thrown) {
    const cause = thrown as NodeJS.ErrnoException;
    if (session.closed || session.destroyed) return failure(cause);
    return new UsageError(`Node cannot make a request with these options: ${cause.message}.`);
  }
}

/** What Node says of a stream that its server has not looked at: RFC 9113 §8.7 lets us ask again. */
const UNPROCESSED: ReadonlySet<unknown> = new Set([
  'ERR_HTTP2_GOAWAY_SESSION',
  'ERR_HTTP2_INVALID_SESSION',
  'ERR_HTTP2_STREAM_CANCEL',
]);

/** True for a rejection of `connectExchange` that says nothing about the request: another session may do. */
export function isUnprocessed(error: unknown): boolean {
  if (!(error instanceof HandshakeError) || error.cause === undefined) return false;
  const { code, message } = error.cause as NodeJS.ErrnoException;
  return UNPROCESSED.has(code) || message.includes('REFUSED_STREAM');
}
