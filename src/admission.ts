/**
 * Who may come in: from an upgrade request to an answer on the wire.
 *
 * Knows: the order of judgement (path, RFC, the user's own `accept`), and how to refuse.
 * Does not know: servers, connections that are open.
 */
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { milliseconds } from './codec/limits.js';
import type { ReadAs, WebSocketOptions } from './duplex/options.js';
import { type HandshakeError, UsageError, violation } from './errors.js';
import { connectJudge } from './handshake/judge-connect.js';
import { type JudgeOptions, requestJudge, type Terms } from './handshake/judge-request.js';
import type { HeaderFields, RefusalResponse } from './handshake/response-head.js';
import type { Arrival, Judges } from './handshake/stream/arrival.js';

/** What `accept` says: nothing or true lets the client in, perhaps with header fields; false or a response does not. */
export type Decision =
  | undefined
  | boolean
  | {
      /** Further header fields of the 101. Those of the handshake itself cannot be set. */
      readonly headers: HeaderFields;
    }
  | RefusalResponse;

/** Who may come in, and how long they may take. */
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
export interface ServerOptions<How extends ReadAs = 'message'> extends WebSocketOptions<How>, AdmissionOptions {}

/** A client that was let in: the answer is on the wire. */
export interface Admitted {
  /** The request, as Node parsed it. */
  readonly request: IncomingMessage;
  /** What carries frames. */
  readonly socket: Duplex;
  readonly head: Buffer;
  readonly agreement: Pick<Terms, 'subprotocol' | 'extensions'>;
}

export const DEFAULT_HANDSHAKE_TIMEOUT_MS = 10_000;

/** Judges and answers upgrade requests, as the options say. */
export class Admission {
  readonly #judges: { readonly plain: Judges; readonly secure: Judges };
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
      plain: judges({ ...rules, secure: secure ?? false }),
      secure: judges({ ...rules, secure: secure ?? true }),
    };
    this.#path = path ?? null;
    this.#accept = accept ?? null;
    this.#timeoutMs = milliseconds('handshakeTimeoutMs', handshakeTimeoutMs, DEFAULT_HANDSHAKE_TIMEOUT_MS);
  }

  /** True when the user's `accept` sees each request. */
  get asks(): boolean {
    return this.#accept !== null;
  }

  /** True when the target of `request` is one that this server answers. */
  isForUs(request: { readonly url?: string | undefined }): boolean {
    return this.#path === null || (request.url ?? '').split('?', 1)[0] === this.#path;
  }

  /**
   * Answers the request when `accept` has spoken. Resolves with the client that was let in, or null when it vanished
   * meanwhile; rejects with a HandshakeError, or with what a callback threw, after the refusal was written.
   */
  async admit<T extends Terms>(arrival: Arrival<T>): Promise<Admitted | null> {
    if (this.#accept === null) return this.admitAtOnce(arrival);
    if (arrival.isGone) return null;
    try {
      const terms = this.#judge(arrival);
      const headers = await this.#ask(this.#accept, arrival.request);
      return arrival.isGone ? null : letIn(arrival, terms, headers);
    } catch (error) {
      throw turnAway(arrival, error);
    }
  }

  /** As `admit`, but at once: for an admission that does not ask. Throws what `admit` rejects with. */
  admitAtOnce<T extends Terms>(arrival: Arrival<T>): Admitted | null {
    if (arrival.isGone) return null;
    try {
      return letIn(arrival, this.#judge(arrival), undefined);
    } catch (error) {
      throw turnAway(arrival, error);
    }
  }

  #judge<T extends Terms>(arrival: Arrival<T>): T {
    if (!this.isForUs(arrival.request)) throw new Refusal({ status: 404 });
    const verdict = arrival.judge(this.#judges[arrival.isSecure ? 'secure' : 'plain']);
    if (verdict.accepted) return verdict;
    throw new Refusal(verdict);
  }

  async #ask(
    accept: NonNullable<AdmissionOptions['accept']>,
    request: IncomingMessage,
  ): Promise<HeaderFields | undefined> {
    const decision = await this.#inTime(Promise.resolve(accept(request)));
    if (decision === undefined || decision === true) return undefined;
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

function letIn<T extends Terms>(arrival: Arrival<T>, terms: T, headers: HeaderFields | undefined): Admitted {
  const objection = arrival.objection();
  if (objection !== null) throw new Refusal(objection);
  const socket = arrival.accept(terms, headers);
  const { subprotocol, extensions } = terms;
  return { request: arrival.request, socket, head: arrival.head, agreement: { subprotocol, extensions } };
}

/** Writes the refusal, and answers with the error to report. */
export function turnAway<T extends Terms>(arrival: Arrival<T>, error: unknown): HandshakeError | unknown {
  if (!(error instanceof Refusal)) {
    arrival.refuse({ status: 500 });
    return error;
  }
  const { status, why } = error.response;
  try {
    arrival.refuse(error.response);
  } catch (mistake) {
    arrival.refuse({ status: 500 });
    return mistake;
  }
  return violation(error.violation, why === undefined ? { status } : { status, reason: why }, { status });
}

/** Refuses a request whatever it asks for: the server is closing. */
export function refuseAll<T extends Terms>(arrival: Arrival<T>): void {
  arrival.refuse({ status: 503, why: 'The server is going away.' });
}

function judges(options: JudgeOptions): Judges {
  return { upgrade: requestJudge(options), connect: connectJudge(options) };
}
