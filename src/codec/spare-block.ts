/**
 * Memory for frames on their way out, used again where that is safe.
 *
 * Most of what a busy connection writes is taken by the system at once. Fresh memory for each of those batches was a third of
 * the garbage of an echo.
 *
 * Knows: which block may serve for how much.
 * Does not know: when nobody reads a block any more; who gives it back says so.
 */
import { allocate } from './bytes.js';
import { MaskWindow } from './mask.js';

/** A larger block is not kept. */
const LARGEST_SPARE_BYTES = 131_072;

/** How many times larger than what is asked for a spare block may be: a write that gets stuck holds all of it. */
const SPARE_RATIO = 16;

/** Memory for frames, one after another from its beginning. */
export class Block extends MaskWindow {
  #first: Buffer | null = null;

  /** Its first `size` bytes: the same Buffer as the last time, if that has as many. */
  first(size: number): Buffer {
    if (this.#first?.length !== size) this.#first = this.bytes.subarray(0, size);
    return this.#first;
  }
}

/** Keeps one block, the largest of those that were given back. */
export class SpareBlock {
  #block: Block | null = null;

  /** A block of at least `size` bytes, with anything in it. Nobody else has it, until it is given back. */
  take(size: number): Block {
    const block = this.#block;
    if (block === null || block.bytes.length < size || block.bytes.length > size * SPARE_RATIO) {
      return new Block(allocate(size));
    }
    this.#block = null;
    return block;
  }

  /** Takes back a block that nobody reads any more: it will be written over. */
  giveBack(block: Block): void {
    const size = block.bytes.length;
    if (size <= LARGEST_SPARE_BYTES && size > (this.#block?.bytes.length ?? 0)) this.#block = block;
  }
}

/** One for all connections: whoever writes next takes it. */
export const SPARE_BLOCK = new SpareBlock();
