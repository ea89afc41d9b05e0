/**
 * Masking: `D_i = E_i XOR M_(i mod 4)` (RFC 6455 §5.3). Masking and unmasking are the same operation.
 *
 * Knows: how to do that fast, at any alignment, from any phase; which way is the fastest for how much (bench/unmask).
 * Does not know: frames. The slow and obvious version, which every kernel must equal, is mask-oracle.ts.
 */
import { STEP_BYTES, VECTORS } from './mask-vector.js';

/**
 * XORs `bytes` in place with the masking key, starting at byte `phase` of the key (0-3), and returns the phase for the
 * bytes that follow. `key` is the four key bytes as a little-endian 32-bit integer (`readInt32LE` or `readUInt32LE`).
 */
export type Mask = (bytes: Uint8Array, key: number, phase?: number) => number;

/**
 * From this many bytes on a DataView is worth making for them alone; vectors, where there are any, are better still. Fewer are
 * copied and masked one by one before a view of them would be made.
 */
const LONG_BYTES = 64;

/** In a window with this much room other runs will follow, so that its DataView is worth making for the first. */
const ROOMY_BYTES = 512;

/** From this many bytes on vectors win over a DataView that is made already, although they copy. */
const VECTOR_BYTES_IN_WINDOW = 640;

/** The kernel for a buffer alone. For many places in one buffer, a MaskWindow makes its DataView only once. */
export const unmask: Mask = (bytes, key, phase = 0) => {
  const size = bytes.length;
  if (size < LONG_BYTES) xorBytes(bytes, 0, size, rotate(key, phase));
  else if (!VECTORS.isAvailable) new MaskWindow(bytes).xor(0, size, key, phase);
  else if (size <= STEP_BYTES) VECTORS.xorWhole(bytes, rotate(key, phase));
  else VECTORS.xor(bytes, 0, size, rotate(key, phase), bytes, 0);
  return (phase + size) & 3;
};

/**
 * A buffer to be masked in several places: one chunk of many frames. A DataView reads and writes words at any alignment;
 * making one costs about 100 ns, so it is made once, when it pays. Borrows `bytes`, writes into them, holds nothing else.
 */
export class MaskWindow<Bytes extends Uint8Array = Buffer> {
  readonly bytes: Bytes;
  #view: DataView | null = null;

  constructor(bytes: Bytes) {
    this.bytes = bytes;
  }

  /** XORs the bytes from `start` to `end`, beginning at byte `phase` of the key. */
  xor(start: number, end: number, key: number, phase: number): void {
    const size = end - start;
    const { bytes } = this;
    const turned = rotate(key, phase);
    if (size >= VECTOR_BYTES_IN_WINDOW && VECTORS.isAvailable) VECTORS.xor(bytes, start, size, turned, bytes, start);
    else if (this.#view === null && size < LONG_BYTES && bytes.length < ROOMY_BYTES)
      xorBytes(bytes, start, end, turned);
    else xorWords(this.#view ?? this.#makeView(), start, end, turned);
  }

  /** Copies the `size` bytes of `source` from `from` on to `to`, masked on the way. They may not lie in this buffer. */
  copy(source: Buffer, from: number, size: number, to: number, key: number, phase: number): void {
    if (size >= VECTOR_BYTES_IN_WINDOW && VECTORS.isAvailable) {
      VECTORS.xor(source, from, size, rotate(key, phase), this.bytes, to);
      return;
    }
    if (size < LONG_BYTES) {
      copyBytes(source, from, size, this.bytes, to, rotate(key, phase));
      return;
    }
    source.copy(this.bytes, to, from, from + size);
    this.xor(to, to + size, key, phase);
  }

  #makeView(): DataView {
    const { buffer, byteOffset, length } = this.bytes;
    this.#view = new DataView(buffer, byteOffset, length);
    return this.#view;
  }
}

/**
 * Copies the `size` bytes of `source` from `from` on to `to` in `target`, unmasked on the way; as they are where `key` is 0.
 * The first one meets the lowest byte of the key. They may not overlap.
 */
export function copyUnmasked(
  source: Buffer,
  from: number,
  size: number,
  target: Buffer,
  to: number,
  key: number,
): void {
  if (size < LONG_BYTES) {
    copyBytes(source, from, size, target, to, key);
    return;
  }
  if (key !== 0 && VECTORS.isAvailable) {
    VECTORS.xor(source, from, size, key, target, to);
    return;
  }
  source.copy(target, to, from, from + size);
  if (key !== 0) unmask(target.subarray(to, to + size), key);
}

/** The key as it stands `phase` bytes further in the payload: the byte that is next comes lowest. */
export function rotate(key: number, phase: number): number {
  return phase === 0 ? key : (key >>> (phase * 8)) | (key << (32 - phase * 8));
}

function xorBytes(bytes: Uint8Array, start: number, end: number, key: number): void {
  let turned = key;
  for (let i = start; i < end; i++) {
    bytes[i] = (bytes[i] as number) ^ (turned & 255);
    turned = (turned >>> 8) | (turned << 24);
  }
}

function copyBytes(source: Uint8Array, from: number, size: number, target: Uint8Array, to: number, key: number): void {
  let turned = key;
  for (let i = 0; i < size; i++) {
    target[to + i] = (source[from + i] as number) ^ (turned & 255);
    turned = (turned >>> 8) | (turned << 24);
  }
}

/** Words first, then what is left of one, without a loop: short runs of any length cost no mispredicted branches. */
function xorWords(view: DataView, start: number, end: number, key: number): void {
  let at = start;
  for (const stop = end - 15; at < stop; at += 16) {
    view.setInt32(at, view.getInt32(at, true) ^ key, true);
    view.setInt32(at + 4, view.getInt32(at + 4, true) ^ key, true);
    view.setInt32(at + 8, view.getInt32(at + 8, true) ^ key, true);
    view.setInt32(at + 12, view.getInt32(at + 12, true) ^ key, true);
  }
  for (const stop = end - 3; at < stop; at += 4) view.setInt32(at, view.getInt32(at, true) ^ key, true);
  let left = key;
  if (end - at >= 2) {
    view.setInt16(at, view.getInt16(at, true) ^ left, true);
    left >>>= 16;
    at += 2;
  }
  if (at < end) view.setInt8(at, view.getInt8(at) ^ left);
}
