/**
 * Masking: `D_i = E_i XOR M_(i mod 4)` (RFC 6455 §5.3). Masking and unmasking are the same operation.
 *
 * Knows: how to do that fast, at any alignment, from any phase.
 * Does not know: frames. The slow and obvious version, which every kernel must equal, is mask-oracle.ts.
 */
import { VectorKernel } from './mask-vector.js';

/**
 * XORs `bytes` in place with the masking key, starting at byte `phase` of the key (0-3), and returns the phase for the
 * bytes that follow. `key` is the four key bytes as a little-endian 32-bit integer (`readInt32LE` or `readUInt32LE`).
 */
export type Mask = (bytes: Uint8Array, key: number, phase?: number) => number;

/** Below this many bytes a byte loop is cheaper than making an Int32Array view (bench/unmask). */
const WORD_LOOP_BYTES = 48;

/** From this many bytes on, vectors win although they copy: over a word view to be made, and over one that is made. */
const VECTOR_BYTES = 64;
const VECTOR_BYTES_IN_WINDOW = 2_048;

const VECTORS = new VectorKernel();

/** The kernel for a buffer alone. For many places in one buffer, a MaskWindow makes its word view only once. */
export const unmask: Mask = (bytes, key, phase = 0) => {
  const size = bytes.length;
  if (size < WORD_LOOP_BYTES) xorBytes(bytes, 0, size, rotate(key, phase));
  else if (size >= VECTOR_BYTES && VECTORS.isAvailable) VECTORS.xor(bytes, 0, size, rotate(key, phase), bytes, 0);
  else new MaskWindow(bytes).xor(0, size, key, phase);
  return (phase + size) & 3;
};

/**
 * A buffer to be masked in several places: one chunk of many frames. Making the word view costs about 60 ns, so it is
 * made once, when a run is first long enough to need it. Borrows `bytes`, writes into them, holds nothing else.
 */
export class MaskWindow<Bytes extends Uint8Array = Buffer> {
  readonly bytes: Bytes;
  #words: Int32Array | null = null;
  /** Index in `bytes` of the first word. */
  #origin = 0;

  constructor(bytes: Bytes) {
    this.bytes = bytes;
  }

  /** XORs the bytes from `start` to `end`, beginning at byte `phase` of the key. */
  xor(start: number, end: number, key: number, phase: number): void {
    const size = end - start;
    const turned = rotate(key, phase);
    if (size < 16 || (this.#words === null && size < WORD_LOOP_BYTES)) xorBytes(this.bytes, start, end, turned);
    else if (size >= VECTOR_BYTES_IN_WINDOW && VECTORS.isAvailable) {
      VECTORS.xor(this.bytes, start, size, turned, this.bytes, start);
    } else this.#xorWords(start, end, turned);
  }

  /** Copies the `size` bytes of `source` from `from` on to `to`, masked on the way. They may not lie in this buffer. */
  copy(source: Buffer, from: number, size: number, to: number, key: number, phase: number): void {
    if (size >= VECTOR_BYTES_IN_WINDOW && VECTORS.isAvailable) {
      VECTORS.xor(source, from, size, rotate(key, phase), this.bytes, to);
      return;
    }
    source.copy(this.bytes, to, from, from + size);
    this.xor(to, to + size, key, phase);
  }

  #xorWords(start: number, end: number, key: number): void {
    const words = this.#words ?? this.#view();
    const head = (this.#origin - start) & 3;
    xorBytes(this.bytes, start, start + head, key);
    const from = (start + head - this.#origin) >>> 2;
    const to = (end - this.#origin) >>> 2;
    const atHead = rotate(key, head);
    xorWords(words, from, to, atHead);
    xorBytes(this.bytes, this.#origin + (to << 2), end, atHead);
  }

  #view(): Int32Array {
    const { bytes } = this;
    this.#origin = -bytes.byteOffset & 3;
    this.#words = new Int32Array(bytes.buffer, bytes.byteOffset + this.#origin, (bytes.length - this.#origin) >>> 2);
    return this.#words;
  }
}

/** The key as it stands `phase` bytes into the payload: the byte that is next comes lowest. */
function rotate(key: number, phase: number): number {
  return phase === 0 ? key : (key >>> (phase * 8)) | (key << (32 - phase * 8));
}

function xorBytes(bytes: Uint8Array, start: number, end: number, key: number): void {
  let turned = key;
  for (let i = start; i < end; i++) {
    bytes[i] = (bytes[i] as number) ^ (turned & 255);
    turned = (turned >>> 8) | (turned << 24);
  }
}

function xorWords(words: Int32Array, from: number, to: number, key: number): void {
  let i = from;
  for (const stop = to - 7; i < stop; i += 8) {
    words[i] = (words[i] as number) ^ key;
    words[i + 1] = (words[i + 1] as number) ^ key;
    words[i + 2] = (words[i + 2] as number) ^ key;
    words[i + 3] = (words[i + 3] as number) ^ key;
    words[i + 4] = (words[i + 4] as number) ^ key;
    words[i + 5] = (words[i + 5] as number) ^ key;
    words[i + 6] = (words[i + 6] as number) ^ key;
    words[i + 7] = (words[i + 7] as number) ^ key;
  }
  for (; i < to; i++) words[i] = (words[i] as number) ^ key;
}
