/**
 * The counters of a Broadcast and of each of its clients.
 *
 * Knows: their names, and how two of them add up.
 * Does not know: what is counted when.
 */

/** What happened to the messages for one client. */
export interface BroadcastClientStats {
  /** Messages that were handed to its socket. */
  readonly delivered: number;
  /** Messages that it missed because it was too slow. */
  readonly dropped: number;
  /** Messages that it missed because a newer one of the same key took their place. */
  readonly replaced: number;
  /** Messages that wait for it now. */
  readonly queuedMessages: number;
  /** Bytes of those; what its socket holds is `ws.bufferedBytes`. */
  readonly queuedBytes: number;
}

/** What happened to the messages of a Broadcast so far: the sums over all clients, those that have left included. */
export interface BroadcastStats extends BroadcastClientStats {
  /** Messages that were written. */
  readonly written: number;
  /** Clients that were closed because they were too slow. */
  readonly closed: number;
  /** Times that the source had to wait for a client. */
  readonly waits: number;
}

export const NO_STATS: BroadcastClientStats = Object.freeze({
  delivered: 0,
  dropped: 0,
  replaced: 0,
  queuedMessages: 0,
  queuedBytes: 0,
});

/** Both together. */
export function sum(one: BroadcastClientStats, other: BroadcastClientStats): BroadcastClientStats {
  return {
    delivered: one.delivered + other.delivered,
    dropped: one.dropped + other.dropped,
    replaced: one.replaced + other.replaced,
    queuedMessages: one.queuedMessages + other.queuedMessages,
    queuedBytes: one.queuedBytes + other.queuedBytes,
  };
}
