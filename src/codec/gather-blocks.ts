/**
 * Memory that pieces of messages are gathered in, used again: what leaves is a string, or a Buffer of its own.
 *
 * Fresh memory costs the system a page at a time; for a text of 1 MiB that was more than inflating it. And an ArrayBuffer costs
 * 3 µs however small it is, more than unmasking 64 KiB.
 *
 * Knows: how much is kept for the next message.
 * Does not know: messages.
 */
import { Buffer } from 'node:buffer';
import { FREED_MEMORY } from './freed-memory.js';

/** Bytes of a block. */
export const BLOCK_BYTES = 16_384;

/** Blocks that are kept for the process: 2 MiB. */
const MOST_SPARE_BLOCKS = 128;

/** The longest text whose bytes are put together in memory that is kept. */
const MOST_WHOLE_BYTES = 4 * 1024 * 1024;

/** Blocks for any number of messages at a time; only those that nobody has at the moment are bounded. */
export class GatherBlocks {
  readonly #spare: Buffer[] = [];
  #whole: Buffer = Buffer.alloc(0);

  /** A block with anything in it. Nobody else has it, until it is given back. */
  take(): Buffer {
    return this.#spare.pop() ?? newBlock();
  }

  /** Takes back blocks that nobody reads any more: they will be written over. */
  giveBack(blocks: readonly Buffer[]): void {
    this.#spare.push(...blocks.slice(0, MOST_SPARE_BLOCKS - this.#spare.length));
  }

  /** Memory for a whole text of `length` bytes, with anything in it, until the next call. */
  whole(length: number): Buffer {
    if (length > MOST_WHOLE_BYTES) return Buffer.allocUnsafeSlow(length);
    if (this.#whole.length < length) this.#whole = Buffer.allocUnsafeSlow(length);
    return this.#whole;
  }
}

function newBlock(): Buffer {
  FREED_MEMORY.keep();
  return Buffer.allocUnsafeSlow(BLOCK_BYTES);
}

/** One for the process. */
export const GATHER_BLOCKS = new GatherBlocks();
