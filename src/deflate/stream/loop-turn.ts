/**
 * How long one turn of the event loop may go on for compressed connections together.
 *
 * Knows: when the turn began for the first of them, and that a turn ends when an immediate runs.
 * Does not know: what is done in it. The connections of one server share one, so many of them hold the loop no longer
 * than one does.
 */

/** In milliseconds. What has begun is finished first: a slice of 64 KiB, or a message that is compressed at once. */
const TURN_MS = 0.5;

/** A stopwatch that starts itself anew in each turn. */
export class LoopTurn {
  #began: number | null = null;

  /** True when it is time to let others have a turn. */
  get isOver(): boolean {
    const now = performance.now();
    if (this.#began !== null) return now - this.#began >= TURN_MS;
    this.#began = now;
    setImmediate(() => {
      this.#began = null;
    });
    return false;
  }
}
