/**
 * Memory for large messages that only pass through, used again.
 *
 * V8 counts every byte of an ArrayBuffer against a small limit, collects the whole heap for each 16 to 60 MiB of them, and cannot
 * know that they are dead already (docs/adr/0017).
 *
 * Knows: how much is kept for the next message.
 * Does not know: when nobody reads a message any more; who gives it back says so.
 */
import { Buffer } from 'node:buffer';
import { FREED_MEMORY } from './freed-memory.js';
import { allocatePayload } from './slabs.js';

/** Smaller ones may share memory with others, and are not kept. */
const SMALLEST_BYTES = 32_768;

/** All that is kept for the process. */
const MOST_SPARE_BYTES = 4 * 1024 * 1024;

/** How many times larger than a message its memory may be: one that is stuck holds all of it. */
const RATIO = 4;

/** Blocks for any number of messages at a time; only those that nobody has at the moment are bounded. */
export class PassingMemory {
  readonly #spare: Buffer[] = [];
  #spareBytes = 0;
  /** What was taken and has not been given back. */
  readonly #taken = new WeakSet<ArrayBufferLike>();

  /** True when memory for `size` bytes is here already. */
  has(size: number): boolean {
    return this.#indexFor(size) >= 0;
  }

  /** `size` bytes with anything in them, that the caller owns whether it gives them back or not. */
  take(size: number): Buffer {
    const at = this.#indexFor(size);
    const [block = newBlock(size)] = at < 0 ? [] : this.#spare.splice(at, 1);
    if (at >= 0) this.#spareBytes -= block.length;
    if (block.length >= SMALLEST_BYTES) this.#taken.add(block.buffer);
    return block.length === size ? block : block.subarray(0, size);
  }

  /** Takes back memory that nobody reads any more: it will be written over. What was not taken here is left alone. */
  giveBack({ buffer }: Buffer): void {
    const size = buffer.byteLength;
    if (!this.#taken.delete(buffer) || this.#spareBytes + size > MOST_SPARE_BYTES) return;
    this.#spare.push(Buffer.from(buffer));
    this.#spareBytes += size;
  }

  #indexFor(size: number): number {
    return this.#spare.findIndex(({ length }) => length >= size && length <= size * RATIO);
  }
}

/** What serves again is nobody else's. */
function newBlock(size: number): Buffer {
  if (size < SMALLEST_BYTES) return allocatePayload(size);
  FREED_MEMORY.keep();
  return Buffer.allocUnsafeSlow(size);
}

/** One for the process. */
export const PASSING_MEMORY = new PassingMemory();
