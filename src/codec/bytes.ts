/**
 * Keeping bytes without keeping more than them.
 *
 * Knows: when a view would hold on to a much larger allocation.
 * Does not know: what the bytes mean.
 */
import { Buffer } from 'node:buffer';

/** Where there is nothing yet, or nothing any more. */
export const NO_BYTES: Buffer = Buffer.alloc(0);

/** A view may share an allocation of up to this many bytes. */
export const SHARED_BYTES = 8_192;

/** The same where many frames lie, for a payload that is not tiny. */
const WIDELY_SHARED_BYTES = 16_384;
const TINY_BYTES = 64;

/** Frames of up to this many bytes of payload are kept together with their neighbours, larger ones alone. */
export const SMALL_FRAME_BYTES = 1_024;

/** How many times its own size a small payload may hold on to: with 1 KiB, a whole chunk of a socket. */
const SMALL_RATIO = 64;

/** The same for everything else. */
export const RATIO = 4;

/**
 * The bytes from `start` to `end` as a Buffer that may be kept: a view, or `bytes` itself, where that holds on to at most
 * four times as much memory (or to 8 KiB), otherwise a copy. `views` are those of `bytes`, where many frames lie; small ones may hold on
 * to more.
 */
export function detach(bytes: Buffer, start: number, end: number, views: Views | null = null): Buffer {
  if (views !== null) return views.detach(start, end);
  if (!isThrifty(bytes.buffer.byteLength, end - start, SHARED_BYTES, RATIO)) return copyOf(bytes, start, end);
  return end - start === bytes.length ? bytes : bytes.subarray(start, end);
}

/** The class of Buffers without its checks: what Buffer's own methods construct. */
const View = (Buffer as unknown as { readonly [Symbol.species]: new (...memory: ViewArguments) => Buffer })[
  Symbol.species
];
type ViewArguments = [memory: ArrayBufferLike, offset: number, length: number];

/** Some bytes of `memory`, which are there. */
export function viewOf(memory: ArrayBufferLike, offset: number, length: number): Buffer {
  return new View(memory, offset, length);
}

/** An allocation that small pieces are cut from, one after another, and a new one when it is used up. */
export class Slab {
  readonly #size: number;
  #memory: ArrayBufferLike | null = null;
  #used = 0;

  /** Of `size` bytes. */
  constructor(size: number) {
    this.#size = size;
  }

  /** `size` bytes, at most the slab's own, with anything in them. They hold on to all of the allocation. */
  cut(size: number): Buffer {
    if (this.#memory === null || this.#used + size > this.#size) {
      this.#memory = Buffer.allocUnsafeSlow(this.#size).buffer;
      this.#used = 0;
    }
    const start = this.#used;
    // Aligned for whoever looks at it as numbers.
    this.#used = (start + size + 7) & ~7;
    return viewOf(this.#memory, start, size);
  }
}

/** Node's own pool is larger in new versions, and any program may make it so. */
const SMALL_SLAB = new Slab(SHARED_BYTES);

/** Uninitialised memory that the caller owns; what is small shares at most 8 KiB with others. */
export function allocate(size: number): Buffer {
  if (size >= SHARED_BYTES / 2 || size === 0) return Buffer.allocUnsafeSlow(size);
  return SMALL_SLAB.cut(size);
}

/**
 * What `detach` does, for many frames in one Buffer. To ask a Buffer where its memory is costs more than a view of it, so
 * that is asked once. Where `held` is Infinity nothing is a view: such bytes are lent, and will be written over.
 */
export class Views {
  readonly #bytes: Buffer;
  readonly #memory: ArrayBufferLike;
  readonly #offset: number;
  readonly #held: number;

  constructor(bytes: Buffer, held: number = bytes.buffer.byteLength) {
    this.#bytes = bytes;
    this.#memory = bytes.buffer;
    this.#offset = bytes.byteOffset;
    this.#held = held;
  }

  /** The bytes of memory that a view holds on to. */
  get held(): number {
    return this.#held;
  }

  detach(start: number, end: number): Buffer {
    if (!mayShare(this.#held, end - start)) return copyOf(this.#bytes, start, end);
    return new View(this.#memory, this.#offset + start, end - start);
  }
}

/** Payloads of `size` bytes may share an allocation of up to so many: 16 KiB from 64 bytes to 1 KiB, else 8 KiB. */
export function sharedBytes(size: number): number {
  return size < TINY_BYTES || size > SMALL_FRAME_BYTES ? SHARED_BYTES : WIDELY_SHARED_BYTES;
}

/** True when a payload of `size` bytes may be kept as a view of an allocation of `held` bytes, where others lie as well. */
export function mayShare(held: number, size: number): boolean {
  return isThrifty(held, size, sharedBytes(size), size <= SMALL_FRAME_BYTES ? SMALL_RATIO : RATIO);
}

function isThrifty(held: number, size: number, shared: number, ratio: number): boolean {
  return held <= shared ? size > 0 : held <= size * ratio;
}

function copyOf(bytes: Buffer, start: number, end: number): Buffer {
  const copy = allocate(end - start);
  bytes.copy(copy, 0, start, end);
  return copy;
}
