/**
 * What goes wrong between a topic and its engine.
 *
 * Not in the table of violations: no WebSocket and no RFC has a part in it.
 */

/**
 * `'TIMEOUT'`: a write was not taken in time. `'CLOSED'`: the client has given up, or the topic was destroyed.
 * `'REFUSED'`: the engine says no.
 */
export type BackplaneFault = 'TIMEOUT' | 'CLOSED' | 'REFUSED';

/** An error of `natsTopic` or `redisTopic`, with the client's own error as its `cause` where there is one. */
export class BackplaneError extends Error {
  /** Stable: `ERR_BACKPLANE_TIMEOUT`, `ERR_BACKPLANE_CLOSED` or `ERR_BACKPLANE_REFUSED`. */
  readonly code: `ERR_BACKPLANE_${BackplaneFault}`;

  constructor(fault: BackplaneFault, message: string, options?: { readonly cause?: unknown }) {
    super(message, options);
    this.name = 'BackplaneError';
    this.code = `ERR_BACKPLANE_${fault}`;
  }
}
