/**
 * Keeping bytes without keeping more than them.
 *
 * Knows: when a view would hold on to a much larger allocation, and how to gather pieces of any size in memory that
 * stays proportional to their sum.
 * Does not know: what the bytes mean.
 */
import { isAscii } from 'node:buffer';

/** Where there is nothing yet, or nothing any more. */
export const NO_BYTES: Buffer = Buffer.alloc(0);

/** A view may share an allocation of up to this many bytes; Node's own pool has the same size. */
export const SHARED_BYTES = 8_192;

/** Frames of up to this many bytes of payload are kept together with their neighbours, larger ones alone. */
export const SMALL_FRAME_BYTES = 1_024;

/** How many times its own size a small payload may hold on to: with 1 KiB, a whole chunk of a socket. */
const SMALL_RATIO = 64;

/** The same for everything else. */
const RATIO = 4;

/** A piece of at least this many bytes may be kept where it lies; a smaller one is copied next to its neighbours. */
const KEEP_BYTES = 16_384;
const SMALLEST_BLOCK_BYTES = 256;

/** Up to this size a text is cheaper to make block by block; above it, all the pieces would be in the collector's way. */
const MOST_PIECED_BYTES = 4 * 1024 * 1024;

/** From this size on, what is announced may have a block of its own: below it, a million would be a million objects. */
const ALONE_BYTES = 4_096;

/** Uninitialised memory, from Node's pool only where that pool is no larger than what a view may share. */
export function allocate(size: number): Buffer {
  return Buffer.poolSize <= SHARED_BYTES ? Buffer.allocUnsafe(size) : Buffer.allocUnsafeSlow(size);
}

/**
 * The bytes from `start` to `end` as a Buffer that may be kept: a view where that holds on to at most four times as much
 * memory (or to 8 KiB), otherwise a copy. `views` are those of `bytes`, where many frames lie; small ones may hold on to more.
 */
export function detach(bytes: Buffer, start: number, end: number, views: Views | null = null): Buffer {
  if (views !== null) return views.detach(start, end);
  return isThrifty(bytes.buffer.byteLength, end - start, RATIO)
    ? bytes.subarray(start, end)
    : copyOf(bytes, start, end);
}

/** The class of Buffers without its checks: what Buffer's own methods construct. */
const View = (Buffer as unknown as { readonly [Symbol.species]: new (...memory: ViewArguments) => Buffer })[
  Symbol.species
];
type ViewArguments = [memory: ArrayBufferLike, offset: number, length: number];

/**
 * What `detach` does, for many frames in one Buffer. To ask a Buffer where its memory is costs more than a view of it, so
 * that is asked once.
 */
export class Views {
  readonly #bytes: Buffer;
  readonly #memory: ArrayBufferLike;
  readonly #offset: number;
  readonly #held: number;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
    this.#memory = bytes.buffer;
    this.#offset = bytes.byteOffset;
    this.#held = bytes.buffer.byteLength;
  }

  detach(start: number, end: number): Buffer {
    if (!mayShare(this.#held, end - start)) return copyOf(this.#bytes, start, end);
    return new View(this.#memory, this.#offset + start, end - start);
  }
}

/** True when a payload of `size` bytes may be kept as a view of an allocation of `held` bytes, where others lie as well. */
export function mayShare(held: number, size: number): boolean {
  return isThrifty(held, size, size <= SMALL_FRAME_BYTES ? SMALL_RATIO : RATIO);
}

function isThrifty(held: number, size: number, ratio: number): boolean {
  return held <= SHARED_BYTES ? size > 0 : held <= size * ratio;
}

function copyOf(bytes: Buffer, start: number, end: number): Buffer {
  const copy = allocate(end - start);
  bytes.copy(copy, 0, start, end);
  return copy;
}

/** `Buffer.concat`, which takes up to half of Node's pool from there, however large that pool is: 64 KiB since Node 24. */
function joined(blocks: readonly Buffer[], length: number): Buffer {
  const whole = allocate(length);
  let at = 0;
  for (const block of blocks) at += block.copy(whole, at);
  return whole;
}

/**
 * Gathers pieces into one Buffer. Memory held is at most about twice the bytes gathered, whatever the number of pieces:
 * a million one-byte pieces cost a few blocks, not a million objects.
 */
export class ByteGatherer {
  #blocks: Buffer[] = [];
  /** The block that small pieces are copied into, and how much of it is used. */
  #tail: Buffer | null = null;
  #used = 0;
  #length = 0;

  /** Bytes gathered. */
  get length(): number {
    return this.#length;
  }

  /**
   * Adds the bytes from `start` to `end`. Large pieces are kept by reference: they must not change any more. `expected`
   * is what all pieces are announced to come to; memory for it is taken once half of it is here.
   */
  add(bytes: Buffer, start: number, end: number, expected = 0): void {
    const size = end - start;
    if (size === 0) return;
    if (size >= KEEP_BYTES && bytes.buffer.byteLength <= size * 2) {
      this.#closeTail();
      this.#blocks.push(bytes.subarray(start, end));
    } else {
      this.#copyIn(bytes, start, end, expected);
    }
    this.#length += size;
  }

  /** All bytes gathered, as one Buffer that the caller owns; the gatherer is empty again. */
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
    if (this.#length > MOST_PIECED_BYTES || !this.#blocks.every((block) => isAscii(block))) {
      return this.take().toString('utf8');
    }
    let text = '';
    for (const block of this.#blocks) text += block.toString('latin1');
    this.clear();
    return text;
  }

  /** Lets go of everything. */
  clear(): void {
    this.#blocks = [];
    this.#tail = null;
    this.#used = 0;
    this.#length = 0;
  }

  #copyIn(bytes: Buffer, start: number, end: number, expected: number): void {
    let at = start;
    while (at < end) {
      this.#tail ??= Buffer.allocUnsafeSlow(this.#nextBlockBytes(end - at, expected));
      const copied = bytes.copy(this.#tail, this.#used, at, end);
      at += copied;
      this.#used += copied;
      if (this.#used === this.#tail.length) this.#closeTail();
    }
  }

  #nextBlockBytes(piece: number, expected: number): number {
    const missing = expected - this.#length;
    if (missing >= ALONE_BYTES && missing >= piece && missing <= piece * 2) return missing;
    return Math.min(Math.max(this.#length, piece, SMALLEST_BLOCK_BYTES), KEEP_BYTES);
  }

  #closeTail(): void {
    if (this.#tail === null) return;
    this.#blocks.push(detach(this.#tail, 0, this.#used));
    this.#tail = null;
    this.#used = 0;
  }
}
