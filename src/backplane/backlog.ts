/**
 * What a topic holds for its reader: how many bytes, and how far the reader is.
 *
 * Knows: the size and the position of each message that waits.
 * Does not know: the messages, which are in the stream's own queue.
 */

interface Waiting {
  readonly bytes: number;
  readonly position: string | null;
}

/** Keeps step with a queue of which only the length is known. */
export class Backlog {
  #waiting: Waiting[] = [];
  bytes = 0;
  /** The position of the last message that was taken; null before the first, and where there are none. */
  position: string | null;

  constructor(position: string | null) {
    this.position = position;
  }

  /** A message was put into the queue. */
  add(bytes: number, position: string | null): void {
    this.#waiting.push({ bytes, position });
    this.bytes += bytes;
  }

  /** The queue has `length` messages left. */
  settle(length: number): void {
    const taken = this.#waiting.length - length;
    if (taken <= 0) return;
    for (const { bytes, position } of this.#waiting.slice(0, taken)) {
      this.bytes -= bytes;
      this.position = position ?? this.position;
    }
    this.#waiting = this.#waiting.slice(taken);
  }
}
