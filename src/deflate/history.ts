/**
 * Taking the window out of an inflate context and putting one in, by means of DEFLATE itself (RFC 1951).
 *
 * Knows: a compressed program whose output is the window, and one that fills a window.
 * Does not know: zlib. Its interface has a call for neither in Node, but every inflater runs programs.
 */
import { Buffer } from 'node:buffer';

/** The longest copy that one symbol can ask for, in bytes, and the code for it: 285, as the fixed code writes it. */
const COPY_BYTES = 258;
const COPY_CODE = 0b1100_0101;
const COPY_CODE_BITS = 8;
const DISTANCE_CODE_BITS = 5;
/** A block with BFINAL clear and the fixed code: three bits. */
const FIXED_BLOCK = 0b010;
const FIXED_BLOCK_BITS = 3;

/** The largest piece that a stored block can hold (RFC 1951 §3.2.4). */
export const MAX_STORED_BYTES = 65_535;

/**
 * Compressed bytes whose first `distance` bytes of output are the last `distance` bytes that the context has given
 * before, 1 to 32,768 of them. The context must stand between two blocks and is of no use afterwards: reset it.
 */
export function recallProgram(distance: number): Buffer {
  const { code, extra, extraBits } = distanceSymbol(distance);
  const copies = Math.ceil(distance / COPY_BYTES);
  const bits = FIXED_BLOCK_BITS + copies * (COPY_CODE_BITS + DISTANCE_CODE_BITS + extraBits);
  const writer = new BitWriter(Math.ceil(bits / 8));
  writer.add(FIXED_BLOCK, FIXED_BLOCK_BITS);
  for (let i = 0; i < copies; i++) {
    writer.add(mirrored(COPY_CODE, COPY_CODE_BITS), COPY_CODE_BITS);
    writer.add(mirrored(code, DISTANCE_CODE_BITS), DISTANCE_CODE_BITS);
    writer.add(extra, extraBits);
  }
  return writer.bytes;
}

/** The header of a stored block of `size` bytes, at most 65,535: followed by them, it makes them the window. */
export function storedBlockHeader(size: number): Buffer {
  const header = Buffer.alloc(5);
  header.writeUInt16LE(size, 1);
  header.writeUInt16LE(size ^ 0xffff, 3);
  return header;
}

/** RFC 1951 §3.2.5: codes come in pairs, and each pair has one extra bit more than the pair before. */
function distanceSymbol(distance: number): { code: number; extra: number; extraBits: number } {
  if (distance <= 4) return { code: distance - 1, extra: 0, extraBits: 0 };
  const extraBits = 30 - Math.clz32(distance - 1);
  const code = 2 * extraBits + ((distance - 1) >>> extraBits);
  return { code, extra: (distance - 1) & ((1 << extraBits) - 1), extraBits };
}

/** Huffman codes are packed with their most significant bit first, everything else the other way round (§3.1.1). */
function mirrored(code: number, bits: number): number {
  let result = 0;
  for (let i = 0; i < bits; i++) result |= ((code >> i) & 1) << (bits - 1 - i);
  return result;
}

/** Packs values of at most 13 bits, least significant bit first. */
class BitWriter {
  readonly bytes: Buffer;
  #at = 0;
  /** Bits that do not fill a byte yet, and how many. */
  #pending = 0;
  #count = 0;

  constructor(size: number) {
    this.bytes = Buffer.alloc(size);
  }

  add(value: number, bits: number): void {
    this.#pending |= value << this.#count;
    this.#count += bits;
    while (this.#count >= 8) {
      this.bytes[this.#at++] = this.#pending & 255;
      this.#pending >>>= 8;
      this.#count -= 8;
    }
    // What fills no byte lies there already, and is written again with the bits that follow.
    if (this.#count > 0) this.bytes[this.#at] = this.#pending;
  }
}
