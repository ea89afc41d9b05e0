/**
 * Pieces of any size, one after another, in memory that stays proportional to their sum.
 *
 * Knows: which pieces are kept and which are copied, and what a text saves because nobody keeps its bytes.
 * Does not know: what the bytes mean.
 */
import { isAscii } from 'node:buffer';
import { allocate, detach, type Views } from './bytes.js';
import { BLOCK_BYTES, TEXT_BLOCKS } from './text-blocks.js';

/** A piece of at least this many bytes may be kept where it lies; a smaller one is copied next to its neighbours. */
const KEEP_BYTES = BLOCK_BYTES;
const SMALLEST_BLOCK_BYTES = 256;

/**
 * From this size on Node keeps the characters of a string that it makes from ASCII outside of the heap, in memory that is
 * often warm; below it, a text is cheaper to make block by block.
 */
const OUTSIDE_BYTES = 0xfbee9;

/** From this size on, what is announced may have a block of its own: below it, a million would be a million objects. */
const ALONE_BYTES = 4_096;

/** `Buffer.concat`, which takes up to half of Node's pool from there, however large that pool is: 64 KiB since Node 24. */
function joined(blocks: readonly Buffer[], length: number): Buffer {
  return joinedIn(allocate(length), blocks);
}

/** The blocks one after another in `memory`: what of it they fill. */
function joinedIn(memory: Buffer, blocks: readonly Buffer[]): Buffer {
  let at = 0;
  for (const block of blocks) at += block.copy(memory, at);
  return memory.subarray(0, at);
}

/**
 * Gathers pieces into one Buffer or one text. Memory held is at most about twice the bytes gathered, whatever the number of
 * pieces: a million one-byte pieces cost a few blocks, not a million objects.
 */
export class ByteGatherer {
  #blocks: Buffer[] = [];
  /** Those of `#blocks` that go back to TEXT_BLOCKS; made for the first one. */
  #borrowed: Buffer[] | null = null;
  /** The block that small pieces are copied into, and how much of it is used. */
  #tail: Buffer | null = null;
  #used = 0;
  #length = 0;

  /** True when the pieces will be taken as a text: nobody keeps their memory then, so it serves again. */
  isText = false;

  /** Bytes gathered. */
  get length(): number {
    return this.#length;
  }

  /**
   * Adds the bytes from `start` to `end`. Large pieces are kept by reference: they must not change any more, unless `views`,
   * those of `bytes`, say that they are lent. `expected` is what all pieces are announced to come to; memory for it is taken
   * once half of it is here.
   */
  add(bytes: Buffer, start: number, end: number, expected = 0, views: Views | null = null): void {
    const size = end - start;
    if (size === 0) return;
    if (size >= KEEP_BYTES && (views?.held ?? bytes.buffer.byteLength) <= size * 2) {
      this.#closeTail();
      this.#blocks.push(bytes.subarray(start, end));
    } else {
      this.#copyIn(bytes, start, end, expected);
    }
    this.#length += size;
  }

  /** All bytes gathered, as one Buffer that the caller owns; the gatherer is empty again. Not for text. */
  take(): Buffer {
    this.#closeTail();
    const blocks = this.#blocks;
    const [only] = blocks;
    const whole = only !== undefined && blocks.length === 1 ? only : joined(blocks, this.#length);
    this.clear();
    return whole;
  }

  /**
   * The text that was gathered, which must be valid UTF-8; the gatherer is empty again. ASCII is decoded block by block:
   * pieces fit where memory is warm, and the string is written in one run when it is first used, not in this turn.
   */
  takeText(): string {
    this.#closeTail();
    const blocks = this.#blocks;
    const length = this.#length;
    const encoding = blocks.every((block) => isAscii(block)) ? 'latin1' : 'utf8';
    let text = '';
    if (encoding === 'latin1' && length < OUTSIDE_BYTES) for (const block of blocks) text += block.toString('latin1');
    else text = joinedIn(TEXT_BLOCKS.whole(length), blocks).toString(encoding);
    this.clear();
    return text;
  }

  /** Lets go of everything. */
  clear(): void {
    this.#blocks = [];
    this.#tail = null;
    this.#used = 0;
    this.#length = 0;
    if (this.#borrowed === null) return;
    TEXT_BLOCKS.giveBack(this.#borrowed);
    this.#borrowed = null;
  }

  #copyIn(bytes: Buffer, start: number, end: number, expected: number): void {
    let at = start;
    while (at < end) {
      this.#tail ??= this.#newBlock(end - at, expected);
      const copied = bytes.copy(this.#tail, this.#used, at, end);
      at += copied;
      this.#used += copied;
      if (this.#used === this.#tail.length) this.#closeTail();
    }
  }

  #newBlock(piece: number, expected: number): Buffer {
    if (this.isText && Math.max(this.#length, piece) >= BLOCK_BYTES) return this.#borrow();
    return Buffer.allocUnsafeSlow(this.#nextBlockBytes(piece, expected));
  }

  #borrow(): Buffer {
    const block = TEXT_BLOCKS.take();
    this.#borrowed ??= [];
    this.#borrowed.push(block);
    return block;
  }

  #nextBlockBytes(piece: number, expected: number): number {
    const missing = expected - this.#length;
    if (missing >= ALONE_BYTES && missing >= piece && missing <= piece * 2) return missing;
    return Math.max(Math.min(this.#length, KEEP_BYTES), piece, SMALLEST_BLOCK_BYTES);
  }

  #closeTail(): void {
    if (this.#tail === null) return;
    this.#blocks.push(this.isText ? this.#tail.subarray(0, this.#used) : detach(this.#tail, 0, this.#used));
    this.#tail = null;
    this.#used = 0;
  }
}
