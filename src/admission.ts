/**
 * Who may come in: from an upgrade request to an answer on the wire.
 *
 * Knows: the order of judgement (path, RFC, the user's own `accept`), and how to refuse.
 * Does not know: servers, connections that are open.
 */
import type { IncomingMessage } from 'node:http';
import { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { milliseconds } from './codec/limits.js';
import type { WebSocketOptions } from './duplex/options.js';
import { type HandshakeError, UsageError, violation } from './errors.js';
import { requestHead } from './handshake/head.js';
import { type Accepted, type Judge, type JudgeOptions, requestJudge } from './handshake/judge-request.js';
import { acceptanceHead, type HeaderFields, type RefusalResponse, refusal } from './handshake/response-head.js';
import { endWith } from './handshake/stream/linger.js';

/** What `accept` says: nothing or true lets the client in, perhaps with header fields; false or a response does not. */
export type Decision = undefined | boolean | { readonly headers: HeaderFields } | RefusalResponse;

export interface AdmissionOptions extends JudgeOptions {
  /** The only path to accept, as it stands in the request before any `?`; others get 404. Default: every path. */
  readonly path?: string | undefined;
  /**
   * Lets a client in or refuses it, with a full HTTP response, after everything else was judged. May take its time, up
   * to `handshakeTimeoutMs` (then 503). What it throws is answered with 500 and reported by 'refused'.
   */
  // biome-ignore lint/suspicious/noConfusingVoidType: a function that returns nothing lets the client in.
  readonly accept?: ((request: IncomingMessage) => Decision | void | Promise<Decision | void>) | undefined;
  /** Milliseconds for the request head, and again for `accept`. Default 10,000; `Infinity` allowed. */
  readonly handshakeTimeoutMs?: number | undefined;
}

/** Options of `createServer`. */
export interface ServerOptions extends WebSocketOptions, AdmissionOptions {}

/** A client that was let in: its 101 response is on the wire. */
export interface Admitted {
  readonly request: IncomingMessage;
  readonly socket: Duplex;
  readonly head: Buffer;
  readonly agreement: Pick<Accepted, 'subprotocol' | 'extensions'>;
}

/** An upgrade request with its connection, as an http.Server's 'upgrade' event gives it. */
export interface UpgradeRequest {
  readonly request: IncomingMessage;
  readonly socket: Duplex;
  readonly head: Buffer;
}

export const DEFAULT_HANDSHAKE_TIMEOUT_MS = 10_000;

/** Judges and answers upgrade requests, as the options say. */
export class Admission {
  readonly #judges: { readonly plain: Judge; readonly secure: Judge };
  readonly #path: string | null;
  readonly #accept: NonNullable<AdmissionOptions['accept']> | null;
  readonly #timeoutMs: number;

  /** @throws UsageError for a bad option. */
  constructor({ path, accept, handshakeTimeoutMs, ...judging }: AdmissionOptions) {
    if (path !== undefined && (typeof path !== 'string' || !path.startsWith('/')))
      throw new UsageError('path begins with a slash.');
    if (accept !== undefined && typeof accept !== 'function') throw new UsageError('accept is a function.');
    const { origins, subprotocols, extensions, secure } = judging;
    const rules = { origins, subprotocols, extensions };
    this.#judges = {
      plain: requestJudge({ ...rules, secure: secure ?? false }),
      secure: requestJudge({ ...rules, secure: secure ?? true }),
    };
    this.#path = path ?? null;
    this.#accept = accept ?? null;
    this.#timeoutMs = milliseconds('handshakeTimeoutMs', handshakeTimeoutMs, DEFAULT_HANDSHAKE_TIMEOUT_MS);
  }

  /** True when the target of `request` is one that this server answers. */
  isForUs(request: IncomingMessage): boolean {
    return this.#path === null || (request.url ?? '').split('?', 1)[0] === this.#path;
  }

  /**
   * Answers the request. Resolves with the client that was let in, or null when it vanished meanwhile; rejects with a
   * HandshakeError, or with what a callback threw, after the refusal was written and the socket ended.
   */
  async admit(upgrade: UpgradeRequest): Promise<Admitted | null> {
    const { request, socket, head } = upgrade;
    // Until the socket has an owner who listens, its errors must not end the process; 'close' follows them.
    socket.on('error', () => {});
    try {
      const accepted = this.#judge(request, socket);
      const headers = this.#accept === null ? {} : await this.#ask(this.#accept, request);
      if (socket.destroyed) return null;
      const { subprotocol, extensions } = accepted;
      const response = acceptanceHead({ accept: accepted.accept, subprotocol, extensions, headers });
      if (socket instanceof Socket) socket.setTimeout(0).setNoDelay(true);
      socket.write(response);
      return { request, socket, head, agreement: { subprotocol, extensions } };
    } catch (error) {
      throw turnAway(socket, error);
    }
  }

  #judge(request: IncomingMessage, socket: Duplex): Accepted {
    if (!this.isForUs(request)) throw new Refusal({ status: 404 });
    const isSecure = 'encrypted' in socket && socket.encrypted === true;
    const verdict = this.#judges[isSecure ? 'secure' : 'plain'](requestHead(request));
    if (verdict.accepted) return verdict;
    throw new Refusal(verdict);
  }

  async #ask(accept: NonNullable<AdmissionOptions['accept']>, request: IncomingMessage): Promise<HeaderFields> {
    const decision = await this.#inTime(Promise.resolve(accept(request)));
    if (decision === undefined || decision === true) return {};
    if (decision === false) throw new Refusal({ status: 403 });
    if ('status' in decision) throw new Refusal(decision);
    return decision.headers;
  }

  async #inTime<T>(decision: Promise<T>): Promise<T> {
    if (this.#timeoutMs === Number.POSITIVE_INFINITY) return decision;
    let timer: NodeJS.Timeout | undefined;
    const timeout = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(new Refusal({ status: 503 }, 'HANDSHAKE_TIMEOUT')), this.#timeoutMs).unref();
    });
    try {
      return await Promise.race([decision, timeout]);
    } finally {
      clearTimeout(timer);
    }
  }
}

/** An answer that says no, on its way to the socket. */
class Refusal extends Error {
  readonly response: RefusalResponse;
  readonly violation: 'HANDSHAKE_REFUSED' | 'HANDSHAKE_TIMEOUT';

  constructor(response: RefusalResponse, name: 'HANDSHAKE_REFUSED' | 'HANDSHAKE_TIMEOUT' = 'HANDSHAKE_REFUSED') {
    super();
    this.response = response;
    this.violation = name;
  }
}

/** Writes the refusal, and answers with the error to report. */
export function turnAway(socket: Duplex, error: unknown): HandshakeError | unknown {
  if (!(error instanceof Refusal)) {
    endWith(socket, refusal({ status: 500 }));
    return error;
  }
  const { status, why } = error.response;
  try {
    endWith(socket, refusal(error.response));
  } catch (mistake) {
    endWith(socket, refusal({ status: 500 }));
    return mistake;
  }
  return violation(error.violation, why === undefined ? { status } : { status, reason: why }, { status });
}

/** Refuses a request whatever it asks for: the server is closing. */
export function refuseAll(socket: Duplex): void {
  socket.on('error', () => {});
  endWith(socket, refusal({ status: 503, why: 'The server is going away.' }));
}
