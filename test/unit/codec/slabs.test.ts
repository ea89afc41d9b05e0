import fc from 'fast-check';
import { allocatePayload } from '../../../src/codec/slabs.js';
import { blocksOf } from '../../support/allocations.js';

const KIB = 1_024;

// What the first call tells malloc is not counted below.
beforeAll(() => void allocatePayload(4 * KIB));

test.each([
  ['4 KiB, four to 16 KiB', 4 * KIB, 16 * KIB, 4],
  ['a byte less than 8 KiB, two', 8 * KIB - 1, 16 * KIB, 2],
  ['8 KiB, four to 32 KiB', 8 * KIB, 32 * KIB, 4],
  ['16 KiB, four to 64 KiB', 16 * KIB, 64 * KIB, 4],
  ['20,000 bytes, three', 20_000, 64 * KIB, 3],
  ['a byte less than 32 KiB, two', 32 * KIB - 1, 64 * KIB, 2],
  ['32 KiB, four to 128 KiB', 32 * KIB, 128 * KIB, 4],
  ['64 KiB, four to 256 KiB', 64 * KIB, 256 * KIB, 4],
  ['a byte less than 128 KiB, two', 128 * KIB - 1, 256 * KIB, 2],
])('payloads of %s', (_, size, slab, count) => {
  // Until one begins: how full the last one was, nobody knows.
  while (blocksOf(() => allocatePayload(size)).length === 0);
  for (let time = 0; time < 2; time++) {
    const sizes = Array.from({ length: count }, () => blocksOf(() => allocatePayload(size)));
    expect(sizes).toEqual([...new Array<number[]>(count - 1).fill([]), [slab]]);
  }
});

test('smaller ones lie with what is small, larger ones alone', () => {
  expect(allocatePayload(4 * KIB - 1).buffer.byteLength).toBe(8 * KIB);
  expect(blocksOf(() => allocatePayload(128 * KIB))).toEqual([128 * KIB]);
});

test('any number of any size share no byte, and hold on to at most four times their size, or 8 KiB', () => {
  const sizes = fc.oneof(
    fc.nat({ max: 40_000 }),
    fc.constantFrom(4_095, 4_096, 8_191, 8_192, 16_384, 32_767, 32_768, 65_536, 131_071, 131_072),
  );
  const law = fc.property(fc.array(sizes, { maxLength: 40 }), (list) => {
    const payloads = list.map((size, at) => allocatePayload(size).fill(at + 1));
    for (const [at, payload] of payloads.entries()) {
      expect(payload.length).toBe(list[at]);
      expect(payload.equals(Buffer.alloc(payload.length, at + 1))).toBe(true);
      expect(payload.buffer.byteLength).toBeLessThanOrEqual(Math.max(8_192, 4 * payload.length));
    }
  });
  fc.assert(law, { numRuns: 100 });
});

test('a payload in a slab may be looked at as numbers', () => {
  for (let i = 0; i < 20; i++) {
    const { buffer, byteOffset } = allocatePayload(4_097 + i);
    expect(() => new Float64Array(buffer, byteOffset, 1)).not.toThrow();
  }
});
