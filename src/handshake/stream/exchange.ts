/**
 * One request and what became of it.
 *
 * Knows: the ways in which Node's HTTP client reports an answer, and how to stop waiting for one.
 * Does not know: how the connection was made, redirects, deadlines, or what happens to the socket afterwards.
 */

import type { ClientRequest, IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { type HandshakeError, violation } from '../../errors.js';
import { printable } from '../excerpt.js';
import { type Grant, judgeResponse, type Offer, type ResponseVerdict } from '../judge-response.js';

/** A socket that speaks WebSocket from here on. Whoever holds it owns it; Node's HTTP client has let go of it. */
export interface Upgraded extends Grant {
  readonly kind: 'upgraded';
  /** Paused. Carries a listener for 'error' that does nothing, so that it cannot crash the process while it is handed over. */
  readonly socket: Duplex;
  /** The bytes that arrived behind the response head: the first bytes of the server's first frames, or none. */
  readonly head: Buffer;
  readonly response: IncomingMessage;
}

/** A response that is not an upgrade. Paused: someone has to read it or to destroy its socket. */
export interface Answered {
  readonly kind: 'answered';
  readonly response: IncomingMessage;
}

/** How many characters of Node's own message an error quotes. */
const REASON_CHARACTERS = 200;

/**
 * Sends `request`, which must not have been ended, and waits for its answer. Informational responses (RFC 9110 §15.2)
 * other than 101 are skipped. When `signal` aborts, the request is destroyed, also while an answer is being read.
 *
 * Rejects with a HandshakeError: `ERR_WS_HANDSHAKE_INVALID` when the answer is no HTTP or no WebSocket,
 * `ERR_WS_UNREACHABLE` when the connection failed; both carry Node's error, if any, as `cause`. Rejects with the
 * signal's reason when that aborts first.
 */
export function exchange(request: ClientRequest, offer: Offer, signal: AbortSignal): Promise<Upgraded | Answered> {
  return new Promise((resolve, reject) => {
    const abort = (): void => {
      reject(signal.reason);
      request.destroy();
    };
    request.on('error', (cause) => reject(failure(cause)));
    if (signal.aborted) return abort();
    signal.addEventListener('abort', abort);
    request.once('close', () => signal.removeEventListener('abort', abort));
    request.once('upgrade', (response, socket, head) => {
      socket.on('error', () => {});
      const verdict = judge(offer, response);
      if (verdict.accepted) return resolve({ ...verdict, kind: 'upgraded', socket, head, response });
      socket.destroy();
      return reject(invalid(verdict.why));
    });
    request.once('response', (response) => {
      if (response.statusCode !== 101) return resolve({ kind: 'answered', response });
      const verdict = judge(offer, response);
      request.destroy();
      return reject(invalid(verdict.accepted ? 'it is not an upgrade' : verdict.why));
    });
    // Node drops the fields after the 2,000th in silence; the size of the head is limited anyway.
    request.maxHeadersCount = 0;
    return request.end();
  });
}

function judge(offer: Offer, { statusCode = 0, httpVersion, rawHeaders }: IncomingMessage): ResponseVerdict {
  return judgeResponse(offer, { status: statusCode, httpVersion, rawHeaders });
}

/** The error for a response that is no WebSocket, and claims to be one. */
export function invalid(reason: string, status = 101): HandshakeError {
  return violation('HANDSHAKE_INVALID', { reason }, { status });
}

/** The error for a connection that failed. HPE codes are those of Node's HTTP parser: what came is no HTTP. */
export function failure(cause: NodeJS.ErrnoException): HandshakeError {
  const code = cause.code ?? cause.name;
  const reason = printable(cause.message || code, REASON_CHARACTERS);
  return violation(code.startsWith('HPE_') ? 'HANDSHAKE_INVALID' : 'UNREACHABLE', { reason }, { cause });
}
