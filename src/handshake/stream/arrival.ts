/**
 * A request for a WebSocket that waits for its answer.
 *
 * Knows: what every version of HTTP has in common there. upgrade-arrival.ts and connect-arrival.ts are the two kinds.
 * Does not know: either of them. Types only.
 */
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import type { ConnectJudge } from '../judge-connect.js';
import type { Judge, Terms } from '../judge-request.js';
import type { HeaderFields, RefusalResponse } from '../response-head.js';
import type { Refused } from '../verdict.js';

/** The same rules for each version of HTTP. */
export interface Judges {
  readonly upgrade: Judge;
  readonly connect: ConnectJudge;
}

/** One request, to be answered once. `T` is what its judge grants. */
export interface Arrival<T extends Terms> {
  readonly request: IncomingMessage;
  /** What followed the request head already, if anything. */
  readonly head: Buffer;
  /** The connection is TLS, or the client says that its own end is. */
  readonly isSecure: boolean;
  /** True when nobody waits for the answer any more, or somebody else has given it. */
  readonly isGone: boolean;
  judge(judges: Judges): T | Refused;
  /** Why it cannot be accepted after all, because of what the client has done since it was judged; or null. */
  objection(): Refused | null;
  /**
   * Writes the acceptance, with `headers` if there are any, and gives back what carries frames from now on.
   * @throws UsageError for a bad field; then nothing was written.
   */
  accept(terms: T, headers: HeaderFields | undefined): Duplex;
  /**
   * Writes the refusal and lets go.
   * @throws UsageError for a bad status or field; then nothing was written.
   */
  refuse(response: RefusalResponse): void;
}
