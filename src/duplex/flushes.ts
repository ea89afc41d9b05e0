/**
 * What was collected while a socket was read leaves when all that was read has been taken.
 *
 * Knows: who has something to send, and whether a read is under way. Outside of one, the end of the tick is the time.
 * Does not know: what is sent.
 */

/** Who has collected something. */
export interface Collector {
  /** Sends it. */
  tickEnds(): void;
}

/** Those whose turn comes at the end of a read; a nextTick for each costs more than this list. */
export class Flushes {
  /** The first `#count` are due. It never becomes shorter: to cut an array off is a call into the engine. */
  readonly #due: (Collector | null)[] = [];
  #count = 0;
  #isReading = false;

  /** `collector.tickEnds` is called when the read that is under way ends, or this tick. */
  add(collector: Collector): void {
    if (this.#isReading) this.#due[this.#count++] = collector;
    else process.nextTick(tickEnds, collector);
  }

  /** A socket was read. Only in a call of the event loop's, never within another. */
  begin(): void {
    this.#isReading = true;
  }

  /** What was read has been taken. */
  end(): void {
    this.#isReading = false;
    let next = 0;
    try {
      while (next < this.#count) this.#take(next++).tickEnds();
    } finally {
      while (next < this.#count) process.nextTick(tickEnds, this.#take(next++));
      this.#count = 0;
    }
  }

  #take(at: number): Collector {
    const collector = this.#due[at] as Collector;
    this.#due[at] = null;
    return collector;
  }
}

/** One for the process. */
export const FLUSHES = new Flushes();

function tickEnds(collector: Collector): void {
  collector.tickEnds();
}
