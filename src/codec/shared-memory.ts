/**
 * Memory with the payloads of many frames.
 *
 * Knows: that a chunk which is lent is, as a rule, the memory that was lent before.
 * Does not know: where in it a payload lies.
 */
import { Views } from './bytes.js';
import { MaskWindow } from './mask.js';

/** Bytes to be unmasked in several places, and to be given out as views. */
export class SharedMemory extends MaskWindow {
  readonly views: Views;

  /** A view holds on to `held` bytes; where that is Infinity none may be kept. */
  constructor(bytes: Buffer, held: number = bytes.buffer.byteLength) {
    super(bytes);
    this.views = new Views(bytes, held);
  }
}

/** Holds on to the last chunk that was lent. */
export class LentMemory {
  #last: SharedMemory | null = null;

  /** `chunk`, which will be written over: no view of it is kept. The same as the last time, if it was lent then. */
  of(chunk: Buffer): SharedMemory {
    if (this.#last?.bytes !== chunk) this.#last = new SharedMemory(chunk, Infinity);
    return this.#last;
  }
}

/** One for all connections: they are read into one piece of memory, as a rule. */
export const LENT_MEMORY = new LentMemory();
