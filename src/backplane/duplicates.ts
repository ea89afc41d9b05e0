/**
 * Which messages have been read before.
 *
 * Knows: that each writer counts its messages, and repeats the last ones when it does not know whether they arrived.
 * Does not know: engines, or what is in a message.
 */
import type { Stamp } from './envelope.js';

/** Writers that are remembered; the one that was silent for the longest is forgotten first. */
const MOST_WRITERS = 4_096;

/** Remembers the last number of each writer. */
export class Duplicates {
  readonly #last = new Map<string, number>();

  /** True when that one, or a later one of its writer, has been read. */
  has({ writer, number }: Stamp): boolean {
    const last = this.#last.get(writer) ?? -1;
    if (number <= last) return true;
    this.#last.delete(writer);
    this.#last.set(writer, number);
    if (this.#last.size > MOST_WRITERS) this.#forgetOne();
    return false;
  }

  #forgetOne(): void {
    for (const oldest of this.#last.keys()) {
      this.#last.delete(oldest);
      return;
    }
  }
}
