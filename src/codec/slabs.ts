/**
 * Memory for payloads of some KiB, several to one allocation.
 *
 * An ArrayBuffer costs 3 to 4 µs, whatever its size from 4 to 64 KiB (docs/adr/0014): more than copying 16 KiB does.
 *
 * Knows: for which sizes that pays, and how much more than itself a payload may hold on to.
 * Does not know: what the bytes are for.
 */
import { allocate, RATIO, Slab } from './bytes.js';
import { FREED_MEMORY } from './freed-memory.js';

/** Smaller ones share 8 KiB. */
const SMALLEST_BYTES = 4_096;

/** From this size on an ArrayBuffer costs little beside its bytes. */
const TOO_LARGE_BYTES = 131_072;

/** Of 16, 32, 64, 128 and 256 KiB: each for payloads from a power of two to the next. */
const SLABS = [0, 1, 2, 3, 4].map((step) => new Slab(RATIO * (SMALLEST_BYTES << step)));

/**
 * Uninitialised memory that the caller owns, for a payload that may be kept: what it holds on to is at most four times
 * `size`, or 8 KiB.
 */
export function allocatePayload(size: number): Buffer {
  if (size < SMALLEST_BYTES) return allocate(size);
  FREED_MEMORY.keep();
  if (size >= TOO_LARGE_BYTES) return allocate(size);
  return (SLABS[Math.clz32(SMALLEST_BYTES) - Math.clz32(size)] as Slab).cut(size);
}
