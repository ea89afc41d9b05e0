/**
 * A refusal as a value: what the peer is told, before anything is written.
 *
 * Knows: its shape.
 * Does not know: who refuses, or how it is written (response-head.ts).
 */

import type { HeaderFields } from './response-head.js';

/** The handshake is not good: what the peer is told. */
export interface Refused {
  /** Told from a handshake that is good by this. */
  readonly accepted: false;
  /** The HTTP status to answer with. */
  readonly status: number;
  /** One sentence, sent to the peer: never holds bytes of the request. */
  readonly why: string;
  /** Fields that the status demands, such as Allow with 405. */
  readonly headers?: HeaderFields;
}

/** A refusal with the status, the sentence and, where the status demands them, the fields. */
export function refused(status: number, why: string, headers?: HeaderFields): Refused {
  return headers === undefined ? { accepted: false, status, why } : { accepted: false, status, why, headers };
}
