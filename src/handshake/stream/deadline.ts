/**
 * How long a handshake may take.
 *
 * Knows: one timer and one signal that says "stop", for whichever reason comes first.
 * Does not know: what is being waited for.
 */

import { violation } from '../../errors.js';

/** Runs from construction until `release` or until `signal` aborts; then nothing of it is left: no timer, no listener. */
export class Deadline {
  readonly #controller = new AbortController();
  readonly #timer: NodeJS.Timeout | null;
  readonly #outer: AbortSignal | undefined;

  /** `timeoutMs` is at most 2^31 - 1, or Infinity for no timer. `outer` is a signal of the caller's to obey as well. */
  constructor(timeoutMs: number, outer?: AbortSignal) {
    this.#outer = outer;
    this.#timer = timeoutMs === Number.POSITIVE_INFINITY ? null : setTimeout(() => this.#expire(timeoutMs), timeoutMs);
    outer?.addEventListener('abort', this.#obey);
    if (outer?.aborted) this.#obey();
  }

  /** Aborts with a HandshakeError (`ERR_WS_HANDSHAKE_TIMEOUT`), with the caller's own reason, or with that of `abort`. */
  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** Stops whatever is waiting, now. The first reason stays. */
  abort(reason: unknown): void {
    this.release();
    this.#controller.abort(reason);
  }

  /** The handshake is over: `signal` will not abort any more, except through `abort`. */
  release(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#outer?.removeEventListener('abort', this.#obey);
  }

  readonly #obey = (): void => this.abort(this.#outer?.reason);

  #expire(timeoutMs: number): void {
    this.abort(violation('HANDSHAKE_TIMEOUT', { handshakeTimeoutMs: timeoutMs }));
  }
}
