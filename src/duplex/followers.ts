/**
 * Those who send past the Writable queue of one socket, as src/broadcast does.
 *
 * Knows: who they are. A set and not listeners: a socket may be in any number of rooms without a warning of a leak.
 * Does not know: what they send.
 */

/** Somebody who waits for room. */
export interface Follower {
  /** The socket may have become idle. */
  room(): void;
  /** The socket was destroyed. */
  gone(): void;
}

/** The followers of one socket. */
export class Followers {
  readonly #all = new Set<Follower>();

  get size(): number {
    return this.#all.size;
  }

  add(follower: Follower): void {
    this.#all.add(follower);
  }

  delete(follower: Follower): void {
    this.#all.delete(follower);
  }

  /** There may be room: all are told. Who was the first is the last the next time, so that nobody takes it all. */
  tell(): void {
    if (this.#all.size === 0) return;
    const [first] = this.#all;
    for (const follower of this.#all) follower.room();
    if (this.#all.size > 1 && first !== undefined && this.#all.delete(first)) this.#all.add(first);
  }

  /** The socket is no more: each is told once, and let go of. */
  end(): void {
    const all = [...this.#all];
    this.#all.clear();
    for (const follower of all) follower.gone();
  }
}
