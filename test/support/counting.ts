/** A PullTransform to be watched: one chunk becomes many outputs, and the outputs show whether one was lost. */
import { PullTransform } from '../../src/codec/stream/pull-transform.js';

/** Turns a number n into the numbers 0 to n-1; -1 fails when it is taken, -2 after its first output. */
export class Counting extends PullTransform<number> {
  discards = 0;
  #next = 0;
  #end = 0;
  #failing = false;

  constructor(readableHighWaterMark: number) {
    super({ objectMode: true, readableHighWaterMark });
  }

  protected override accept(count: number): void {
    if (count === -1) throw new Error('not taken');
    this.#next = 0;
    this.#failing = count === -2;
    this.#end = Math.abs(count);
  }

  protected override produce(): number | null {
    if (this.#failing && this.#next === 1) throw new Error('cannot go on');
    return this.#next < this.#end ? this.#next++ : null;
  }

  protected override discard(): void {
    this.discards++;
  }
}

/** What a Counting makes of `count`. */
export const upTo = (count: number) => Array.from({ length: count }, (_, at) => at);

/** Looks after each output how many are queued; gives the most there ever were. */
export function longestQueue(stage: Counting): () => number {
  let longest = 0;
  const push = stage.push.bind(stage);
  stage.push = (output) => {
    const more = push(output);
    longest = Math.max(longest, stage.readableLength);
    return more;
  };
  return () => longest;
}
