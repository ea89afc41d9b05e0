import fc from 'fast-check';
import { allocate, detach, mayShare, Slab, Views } from '../../../src/codec/bytes.js';

const filled = (size: number, from = 0) => Buffer.from(Uint8Array.from({ length: size }, (_, at) => from + at * 13));
const alone = (size: number) => {
  const memory = Buffer.allocUnsafeSlow(size);
  filled(size).copy(memory);
  return memory;
};

describe('detach', () => {
  test('holds the same bytes, and at most 8 KiB or four times their size', () => {
    const law = fc.property(fc.nat({ max: 70_000 }), fc.nat(), fc.nat(), (size, from, to) => {
      const bytes = alone(size);
      const [start, end] = [from % (size + 1), to % (size + 1)].sort((a, b) => a - b) as [number, number];
      const kept = detach(bytes, start, end);
      expect(kept.equals(bytes.subarray(start, end))).toBe(true);
      expect(kept.buffer.byteLength).toBeLessThanOrEqual(Math.max(8_192, 4 * (end - start)));
    });
    fc.assert(law, { numRuns: 200 });
  });

  test.each([
    ['a quarter of a large buffer is a view', 40_000, 10_000, true],
    ['less than a quarter is a copy', 40_000, 9_999, false],
    ['anything of 8 KiB is a view', 8_192, 1, true],
    ['anything of one byte more is a copy', 8_193, 1, false],
    ['nothing of 8 KiB is a copy', 8_192, 0, false],
  ])('%s', (_, held, size, isView) => {
    const bytes = alone(held);
    expect(detach(bytes, 0, size).buffer === bytes.buffer).toBe(isView);
  });

  test('all of a buffer is that buffer, unless it holds on to much more', () => {
    const bytes = alone(9_000);
    expect([detach(bytes, 0, 9_000) === bytes, detach(bytes, 1, 9_000) === bytes]).toEqual([true, false]);
    const part = bytes.subarray(5, 15);
    expect(detach(part, 0, 10) === part).toBe(false);
  });
});

test.each([
  ['anything in 8 KiB', 8_192, 1, true],
  ['63 bytes of more', 8_193, 63, false],
  ['64 bytes of 16 KiB', 16_384, 64, true],
  ['of one byte more, less than a 64th', 16_385, 255, false],
  ['nothing, of 8 KiB', 8_192, 0, false],
  ['a 64th of a chunk, up to 1 KiB', 65_536, 1_024, true],
  ['less than a 64th', 65_536, 1_023, false],
  ['a 64th, above 1 KiB', 65_600, 1_025, false],
  ['a quarter, above 1 KiB', 4 * 3_000, 3_000, true],
  ['less than a quarter', 4 * 3_000, 2_999, false],
])('mayShare: %s', (_, held, size, isShared) => {
  expect(mayShare(held, size)).toBe(isShared);
});

test('allocate gives what was asked for, and shares at most 8 KiB', () => {
  for (const size of [0, 1, 100, 4_095, 4_096, 9_000]) {
    const bytes = allocate(size);
    expect(bytes.length).toBe(size);
    expect(bytes.buffer.byteLength).toBeLessThanOrEqual(Math.max(size, 8_192));
  }
});

test('allocate cuts what is small from 8 KiB, whatever size Node’s own pool has', () => {
  const before = Buffer.poolSize;
  Buffer.poolSize = 1 << 20;
  try {
    for (const size of [1, 10, 4_095]) expect(allocate(size).buffer.byteLength).toBe(8_192);
    for (const size of [0, 4_096]) expect(allocate(size).buffer.byteLength).toBe(size);
  } finally {
    Buffer.poolSize = before;
  }
});

test('what is cut from a slab is aligned, nobody else’s, and from another one when that is used up', () => {
  const slab = new Slab(64);
  const cuts = [3, 8, 33, 8, 1, 64, 1].map((size) => slab.cut(size));
  for (const [at, cut] of cuts.entries()) cut.fill(at);
  expect(cuts.map(([first], at) => first === at)).not.toContain(false);
  expect(cuts.map(({ length, byteOffset }) => [length, byteOffset])).toEqual([
    [3, 0],
    [8, 8],
    [33, 16],
    [8, 56],
    [1, 0],
    [64, 0],
    [1, 0],
  ]);
});

test('where many frames lie, a small payload may hold on to 64 times its size; alone, to four times', () => {
  const bytes = alone(65_536);
  expect(detach(bytes, 10, 1_034, new Views(bytes)).buffer === bytes.buffer).toBe(true);
  expect(detach(bytes, 10, 1_034).buffer === bytes.buffer).toBe(false);
});

test.each([
  ['a small allocation', 4_096, 100, 116],
  ['a large one that the view justifies', 65_536, 1_000, 60_000],
  ['a large one that it does not', 65_536, 1_000, 1_016],
  ['nothing', 4_096, 7, 7],
])('Views.detach does what detach does: %s', (_, size, start, end) => {
  const bytes = Buffer.from(new ArrayBuffer(size + 64), 64, size);
  for (let at = 0; at < size; at++) bytes[at] = at * 7;
  const expected = detach(bytes, start, end);
  const view = new Views(bytes).detach(start, end);
  expect(view.equals(expected)).toBe(true);
  expect(Buffer.isBuffer(view)).toBe(true);
  expect(view.buffer === bytes.buffer).toBe(expected.buffer === bytes.buffer);
});

test.each([0, 1, 8_192, 65_536])('of bytes that are lent nothing is a view: %i bytes', (size) => {
  const bytes = alone(65_536);
  const copy = new Views(bytes, Infinity).detach(0, size);
  expect(copy.buffer === bytes.buffer).toBe(false);
  expect(copy.equals(bytes.subarray(0, size))).toBe(true);
});
