/**
 * Pieces of any size, one after another, in memory that stays proportional to their sum.
 *
 * Knows: which pieces are kept and which are copied, when there is enough to take memory for all, and what a text saves because
 * nobody keeps its bytes.
 * Does not know: what the bytes mean.
 */
import { isAscii } from 'node:buffer';
import { allocate, type Views } from './bytes.js';
import { BLOCK_BYTES, GATHER_BLOCKS } from './gather-blocks.js';
import { copyUnmasked, rotate } from './mask.js';
import { PASSING_MEMORY } from './passing-memory.js';
import { allocatePayload } from './slabs.js';

/** A piece of at least this many bytes may be kept where it lies; a smaller one is copied next to its neighbours. */
const KEEP_BYTES = BLOCK_BYTES;
const SMALLEST_BLOCK_BYTES = 256;

/**
 * From this size on Node keeps the characters of a string that it makes from ASCII outside of the heap, in memory that is
 * often warm; below it, a text is cheaper to make block by block.
 */
const OUTSIDE_BYTES = 0xfbee9;

/** From more than this on, copied pieces lie in blocks that serve again; below it Node's pool is as cheap, and holds less. */
const POOLED_BYTES = 4_096;

/** From this size on, one block of so many bytes is cheaper than many of those. */
const LARGE_BYTES = 1024 * 1024;

/**
 * Gathers pieces into one Buffer or one text. Memory held is at most about twice the bytes gathered, and above 4 KiB at least a
 * block of 16 KiB, whatever the number of pieces: a million one-byte pieces cost a few blocks, not a million objects.
 */
export class ByteGatherer {
  #blocks: Buffer[] = [];
  /** The masking key of each; 0 where it is plain. */
  #keys: number[] = [];
  /** Those of `#blocks` that go back to GATHER_BLOCKS; made for the first one. */
  #borrowed: Buffer[] | null = null;
  /** The block that small pieces are copied into, and how much of it is used. */
  #tail: Buffer | null = null;
  #used = 0;
  #length = 0;
  /** True when that block has room for all that is announced. */
  #hasWhole = false;

  /** True when the pieces will be taken as a text: nobody keeps their memory then, so it serves again. */
  isText = false;

  /** True when the pieces are taken by whoever passes them on, and gives their memory back to PASSING_MEMORY. */
  isPassedOn = false;

  /** Bytes gathered. */
  get length(): number {
    return this.#length;
  }

  /**
   * Adds the bytes from `start` to `end`. Large pieces are kept by reference: they must not change any more, unless `views`,
   * those of `bytes`, say that they are lent. `expected` is what all pieces are announced to come to; memory for it is taken
   * once half of it is here. Bytes that are masked still are unmasked by `key`, its lowest byte first, when they are copied.
   */
  add(bytes: Buffer, start: number, end: number, expected = 0, views: Views | null = null, key = 0): void {
    const size = end - start;
    if (size === 0) return;
    if (!this.isText && this.#isDue(size, expected)) this.#beginWhole(expected);
    const isKept = size >= KEEP_BYTES && !this.#hasWhole && (views?.held ?? bytes.buffer.byteLength) <= size * 2;
    if (isKept) this.#keep(bytes.subarray(start, end), key);
    else this.#copyIn(bytes, start, end, key);
    this.#length += size;
  }

  /** All bytes gathered, as one Buffer that the caller owns; the gatherer is empty again. Not for text. */
  take(): Buffer {
    this.#closeTail();
    const [only] = this.#blocks;
    const isOwn = only !== undefined && this.#blocks.length === 1 && this.#borrowed === null && this.#keys[0] === 0;
    const whole = isOwn ? only : this.#joinedIn(this.#memoryFor(this.#length));
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
    else text = this.#joinedIn(GATHER_BLOCKS.whole(length)).toString(encoding, 0, length);
    this.clear();
    return text;
  }

  /** Lets go of everything. */
  clear(): void {
    this.#letGo();
    this.#tail = null;
    this.#used = 0;
    this.#length = 0;
    this.#hasWhole = false;
    this.#giveBack();
  }

  /** True when memory for all that is announced is due, or costs nothing. */
  #isDue(size: number, expected: number): boolean {
    if (this.#hasWhole) return false;
    return this.#isHalf(size, expected) || (this.isPassedOn && this.#length === 0 && PASSING_MEMORY.has(expected));
  }

  /** True when half of it is here with `size` bytes more, and at most half was before. */
  #isHalf(size: number, expected: number): boolean {
    const length = this.#length;
    return (length + size) * 2 >= expected && length * 2 <= expected && length + size <= expected;
  }

  /** Takes memory for all that is announced, and moves there what is here. */
  #beginWhole(expected: number): void {
    this.#closeTail();
    const whole = this.#joinedIn(this.#memoryFor(expected));
    this.#letGo();
    this.#giveBack();
    this.#tail = whole;
    this.#used = this.#length;
    this.#hasWhole = true;
  }

  #memoryFor(size: number): Buffer {
    return this.isPassedOn ? PASSING_MEMORY.take(size) : allocatePayload(size);
  }

  #copyIn(bytes: Buffer, start: number, end: number, key: number): void {
    let at = start;
    while (at < end) {
      this.#tail ??= this.#newBlock(end - at);
      const size = Math.min(end - at, this.#tail.length - this.#used);
      copyUnmasked(bytes, at, size, this.#tail, this.#used, rotate(key, (at - start) & 3));
      at += size;
      this.#used += size;
      if (this.#used === this.#tail.length) this.#closeTail();
    }
  }

  #newBlock(piece: number): Buffer {
    const size = Math.max(this.#length, piece, SMALLEST_BLOCK_BYTES);
    if (size <= POOLED_BYTES) return allocate(size);
    if (size >= LARGE_BYTES) return allocate(LARGE_BYTES);
    const block = GATHER_BLOCKS.take();
    this.#borrowed ??= [];
    this.#borrowed.push(block);
    return block;
  }

  #giveBack(): void {
    if (this.#borrowed === null) return;
    GATHER_BLOCKS.giveBack(this.#borrowed);
    this.#borrowed = null;
  }

  /** The blocks one after another, unmasked, in `memory`, which is returned. */
  #joinedIn(memory: Buffer): Buffer {
    let at = 0;
    for (const [index, block] of this.#blocks.entries()) {
      copyUnmasked(block, 0, block.length, memory, at, this.#keys[index] as number);
      at += block.length;
    }
    return memory;
  }

  #keep(block: Buffer, key: number): void {
    this.#closeTail();
    this.#blocks.push(block);
    this.#keys.push(key);
  }

  #letGo(): void {
    if (this.#blocks.length === 0) return;
    this.#blocks = [];
    this.#keys = [];
  }

  #closeTail(): void {
    const tail = this.#tail;
    if (tail === null) return;
    this.#blocks.push(tail.subarray(0, this.#used));
    this.#keys.push(0);
    this.#tail = null;
    this.#used = 0;
    this.#hasWhole = false;
  }
}
