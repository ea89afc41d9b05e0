/**
 * Bytes for tests: written as hex, cut in every way.
 *
 * Knows: nothing about frames, except that `89` may begin one anywhere.
 * Does not know: the code under test.
 */
import { byteByByte, cutAt } from '../../src/arbitraries/chunkings.js';

export { byteByByte, cutAt };

/** Bytes as the RFC prints them: hex`81 85 37fa213d ${payload}`. Blanks are for the reader; buffers are put in place. */
export function hex(strings: TemplateStringsArray, ...inserted: readonly Uint8Array[]): Buffer {
  const parts = strings.flatMap((text, at) => {
    const digits = text.replace(/\s+/g, '');
    if (!/^(?:[0-9a-f]{2})*$/i.test(digits)) throw new Error(`Not hex: ${text}`);
    return [Buffer.from(digits, 'hex'), inserted[at] ?? Buffer.alloc(0)];
  });
  return Buffer.concat(parts);
}

/** The first byte of a ping: an unfinished frame that is legal after any frame, and proves nothing. */
export const UNFINISHED: Buffer = hex`89`;

/** The wire in chunks of `size` bytes. */
export function inChunksOf(size: number, wire: Buffer): Buffer[] {
  const chunks: Buffer[] = [];
  for (let at = 0; at < wire.length; at += size) chunks.push(wire.subarray(at, at + size));
  return chunks;
}

/**
 * The wire whole, byte by byte and in two pieces at every position; then all of that again with `trailing` behind it,
 * in the last piece. The pieces are views of one copy.
 */
export function* everyCut(wire: Buffer, trailing: Buffer = UNFINISHED): Generator<Buffer[]> {
  for (const bytes of trailing.length === 0 ? [wire] : [wire, Buffer.concat([wire, trailing])]) {
    yield [bytes];
    yield byteByByte(bytes);
    for (let at = 1; at < wire.length; at++) yield cutAt(bytes, [at]);
  }
}

/** `everyCut` without trailing bytes: for a wire that must end where it ends. */
export function everyExactCut(wire: Buffer): Generator<Buffer[]> {
  return everyCut(wire, Buffer.alloc(0));
}

/** The same chunks, each in memory of its own: for code that may write into them. */
export function owned(chunks: readonly Buffer[]): Buffer[] {
  return chunks.map((chunk) => {
    const copy = Buffer.allocUnsafeSlow(chunk.length);
    chunk.copy(copy);
    return copy;
  });
}

/** A small generator of repeatable pseudo-random integers below `limit` (mulberry32): for stress, not for properties. */
export function repeatable(seed: number): (limit: number) => number {
  let state = seed;
  return (limit) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) % limit;
  };
}
