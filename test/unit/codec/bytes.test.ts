import fc from 'fast-check';
import { allocate, ByteGatherer, detach, mayShare, Views } from '../../../src/codec/bytes.js';
import { hex } from '../../support/wire.js';

type Allocator = 'allocUnsafe' | 'allocUnsafeSlow';

/** The sizes of the blocks that are allocated by `allocators`, as a rule the one without a pool, while `run` runs. */
function blocksOf(run: () => void, allocators: readonly Allocator[] = ['allocUnsafeSlow']): number[] {
  const sizes: number[] = [];
  const { allocUnsafe, allocUnsafeSlow } = Buffer;
  const before = { allocUnsafe, allocUnsafeSlow };
  for (const name of allocators) {
    Buffer[name] = (size) => {
      sizes.push(size);
      return before[name](size);
    };
  }
  try {
    run();
  } finally {
    Object.assign(Buffer, before);
  }
  return sizes;
}

/** Memory behind the given buffers, each allocation counted once. */
function pinned(buffers: readonly Buffer[]): number {
  const memory = new Set(buffers.map(({ buffer }) => buffer));
  return [...memory].reduce((sum, { byteLength }) => sum + byteLength, 0);
}

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
});

test.each([
  ['anything in 8 KiB', 8_192, 1, true],
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

test('allocate takes little from Node’s pool, where that is no larger than what may be shared', () => {
  expect(allocate(10).buffer.byteLength).toBe(Buffer.poolSize <= 8_192 ? Buffer.poolSize : 10);
});

test('allocate shares nothing when somebody has made Node’s pool larger', () => {
  const before = Buffer.poolSize;
  Buffer.poolSize = 1 << 20;
  try {
    expect(allocate(10).buffer.byteLength).toBe(10);
  } finally {
    Buffer.poolSize = before;
  }
});

describe('ByteGatherer', () => {
  test('gives back the bytes in order, and is empty again', () => {
    const sizes = fc.oneof(fc.nat({ max: 300 }), fc.constantFrom(255, 256, 257, 16_383, 16_384, 16_385, 40_000));
    const law = fc.property(fc.array(sizes, { maxLength: 12 }), (list) => {
      const gatherer = new ByteGatherer();
      const pieces = list.map((size, at) => filled(size, at));
      for (const piece of pieces) gatherer.add(hex`ee ${piece} ee`, 1, 1 + piece.length);
      const whole = Buffer.concat(pieces);
      expect(gatherer.length).toBe(whole.length);
      expect(gatherer.take().equals(whole)).toBe(true);
      expect([gatherer.length, gatherer.take().length]).toEqual([0, 0]);
    });
    fc.assert(law, { numRuns: 150 });
  });

  test('small pieces are copied: what they came from may change', () => {
    const gatherer = new ByteGatherer();
    for (const piece of [alone(5), alone(16_383)]) {
      gatherer.add(piece, 0, piece.length);
      piece.fill(0);
    }
    expect(gatherer.take().equals(hex`${filled(5)}${filled(16_383)}`)).toBe(true);
  });

  test.each([
    ['a piece of 16 KiB is given back as it is', 16_384, 16_384, true],
    ['a smaller one is copied', 16_383, 16_383, false],
    ['half of a buffer is given back as it is', 40_000, 20_000, true],
    ['less than half is copied', 40_000, 19_999, false],
    ['a large view of a much larger buffer is copied', 200_000, 20_000, false],
  ])('%s', (_, held, size, isKept) => {
    const gatherer = new ByteGatherer();
    const memory = alone(held);
    gatherer.add(memory, held - size, held);
    const whole = gatherer.take();
    expect(whole.equals(memory.subarray(held - size))).toBe(true);
    expect(whole.buffer === memory.buffer).toBe(isKept);
  });

  test('many small pieces need few blocks, which come to about twice the bytes at most', () => {
    const gatherer = new ByteGatherer();
    const sizes = blocksOf(() => {
      for (let i = 0; i < 20_000; i++) gatherer.add(filled(1), 0, 1);
    });
    expect(sizes.reduce((sum, size) => sum + size, 0)).toBeLessThanOrEqual(40_000);
    expect(sizes.length).toBeLessThan(12);
  });

  test.each([
    ['4 KiB, once half of them are here', [2_048], 4_096, [4_096]],
    ['less than that: no more than is here', [3_000], 4_095, [3_000]],
    ['half is not here yet', [3_000], 6_001, [3_000]],
    ['exactly half is', [3_000], 6_000, [6_000]],
    ['what is left, of which half is here', [1_000, 4_500], 9_000, [1_000, 8_000]],
    ['fewer bytes than there are', [5_000], 4_096, [5_000]],
    ['what comes in one piece, however large', [20_000], 20_000, [20_000]],
    ['nothing', [3_000], 0, [3_000]],
  ])('memory for what is announced is taken once half of it is here: %s', (_, sizes, expected, blocks) => {
    const gatherer = new ByteGatherer();
    const much = filled(60_000);
    const taken = blocksOf(() => {
      for (const size of sizes) gatherer.add(much, 30_000, 30_000 + size, expected);
    });
    expect(taken).toEqual(blocks);
  });

  test.each([1, 255, 257, 5_000])('what is given back holds at most 8 KiB or twice its size: pieces of %d', (size) => {
    for (const count of [1, 2, 3, 50]) {
      const gatherer = new ByteGatherer();
      for (let i = 0; i < count; i++) gatherer.add(filled(3 * size), 2 * size, 3 * size);
      expect(pinned([gatherer.take()])).toBeLessThanOrEqual(Math.max(8_192, 2 * size * count));
    }
  });

  const texts = [
    '',
    'ascii '.repeat(40_000),
    `${'ascii '.repeat(10_000)}one € in the middle${' ascii'.repeat(10_000)}`,
    'é€🚀'.repeat(20_000),
    'x'.repeat(4 * 1024 * 1024 + 1),
  ];

  test.each([20, 3_001, 65_536])('takeText gives the text, however it was cut: pieces of %d', (size) => {
    const gatherer = new ByteGatherer();
    for (const text of texts.filter((one) => one.length < size * 2_000)) {
      const bytes = Buffer.from(text);
      for (let at = 0; at < bytes.length; at += size) gatherer.add(bytes, at, Math.min(at + size, bytes.length));
      expect(gatherer.takeText() === text).toBe(true);
      expect(gatherer.length).toBe(0);
    }
  });

  test.each([
    ['of ASCII, up to 4 MiB, takes no memory besides its string', 64, 'a', []],
    ['of ASCII, longer than that, is put together first', 65, 'a', [65 * 65_536]],
    ['of anything else, too', 2, 'é', [2 * 65_536]],
  ])('a long text %s', (_, count, letter, blocks) => {
    const gatherer = new ByteGatherer();
    for (let i = 0; i < count; i++) gatherer.add(Buffer.alloc(65_536, letter), 0, 65_536);
    expect(blocksOf(() => gatherer.takeText(), ['allocUnsafe', 'allocUnsafeSlow'])).toEqual(blocks);
  });

  test('clear lets go of everything', () => {
    const gatherer = new ByteGatherer();
    gatherer.add(filled(20_000), 0, 20_000);
    gatherer.add(filled(3), 0, 3);
    gatherer.clear();
    gatherer.add(filled(2), 0, 2);
    expect(gatherer.take()).toEqual(filled(2));
  });
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
