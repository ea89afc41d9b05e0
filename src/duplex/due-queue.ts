/**
 * One timer for many things that wait equally long.
 *
 * Knows: that what came first is due first, so only the first one needs a timer; it never keeps the process alive.
 * Does not know: what waits, or for what.
 */

/** Something that waits. */
export interface Waiting {
  /** When it is due; the queue's own note, in milliseconds of `performance.now()`. */
  dueAt: number;
  /** Its time has come. It may queue itself again. */
  due(): void;
}

/** Calls `due` of each thing `delayMs` milliseconds after it was added, at most 1 ms early. `Infinity`: never. */
export class DueQueue {
  readonly #delayMs: number;
  /** In the order in which they are due. */
  readonly #waiting = new Set<Waiting>();
  #timer: NodeJS.Timeout | null = null;

  constructor(delayMs: number) {
    this.#delayMs = delayMs;
  }

  /** Queues `one`, which is not queued. */
  add(one: Waiting): void {
    if (this.#delayMs === Infinity) return;
    one.dueAt = now() + this.#delayMs;
    this.#waiting.add(one);
    if (this.#timer === null) this.#wait(this.#delayMs);
  }

  /** Takes `one` out, if it is queued. */
  delete(one: Waiting): void {
    if (!this.#waiting.delete(one) || this.#waiting.size > 0 || this.#timer === null) return;
    clearTimeout(this.#timer);
    this.#timer = null;
  }

  #wait(milliseconds: number): void {
    this.#timer = setTimeout(() => this.#ring(), milliseconds).unref();
  }

  #ring(): void {
    this.#timer = null;
    const time = now();
    try {
      for (const one of this.#waiting) {
        if (one.dueAt > time) break;
        this.#waiting.delete(one);
        one.due();
      }
    } finally {
      const [next] = this.#waiting;
      if (next !== undefined && this.#timer === null) this.#wait(Math.max(next.dueAt - time, 1));
    }
  }
}

/** Whole milliseconds: a small integer takes no memory of its own. */
function now(): number {
  return Math.trunc(performance.now());
}
