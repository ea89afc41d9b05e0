import fc from 'fast-check';
import { ByteGatherer } from '../../../src/codec/byte-gatherer.js';
import { Views } from '../../../src/codec/bytes.js';
import { maskOracle } from '../../../src/codec/mask-oracle.js';
import { PASSING_MEMORY } from '../../../src/codec/passing-memory.js';
import { allocationsOf, blocksOf } from '../../support/allocations.js';
import { hex } from '../../support/wire.js';

const filled = (size: number, from = 0) => Buffer.from(Uint8Array.from({ length: size }, (_, at) => from + at * 13));
const alone = (size: number) => {
  const memory = Buffer.allocUnsafeSlow(size);
  filled(size).copy(memory);
  return memory;
};

function addIn(size: number, gatherer: ByteGatherer, bytes: Buffer, expected = 0): void {
  for (let at = 0; at < bytes.length; at += size) gatherer.add(bytes, at, Math.min(at + size, bytes.length), expected);
}

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
  const sizes = blocksOf(() => addIn(1, gatherer, filled(20_000)));
  expect(sizes.reduce((sum, size) => sum + size, 0)).toBeLessThanOrEqual(40_000);
  expect(sizes.length).toBeLessThan(12);
});

test.each([
  ['half is not here yet', [3_000], 6_001, []],
  ['half is', [120_000], 240_000, [240_000]],
  ['not yet at first, then it is', [1_000, 159_500], 321_000, [321_000]],
  ['more than half before: nothing moves', [5_000, 1_000], 0, []],
  ['fewer bytes than there are', [4_000], 3_000, []],
  ['what comes in one piece, however large', [160_000], 160_000, [160_000]],
  ['nothing is', [3_000], 0, []],
  ['large, of which blocks that serve again have the first half', [40_000, 40_000, 30_000], 200_000, [200_000]],
])('memory for what is announced is taken once half of it is here: %s', (_, sizes, expected, blocks) => {
  const gatherer = new ByteGatherer();
  const much = filled(200_000);
  const taken = blocksOf(() => {
    for (const size of sizes) gatherer.add(much, 30_000, 30_000 + size, expected);
  });
  expect(taken).toEqual(blocks);
  const whole = Buffer.concat(sizes.map((size) => much.subarray(30_000, 30_000 + size)));
  expect(gatherer.take().equals(whole)).toBe(true);
});

test('fragments that are announced one by one do not move all that is here each time', () => {
  const gatherer = new ByteGatherer();
  const piece = filled(160_000);
  const taken = blocksOf(() => {
    for (let i = 1; i <= 40; i++) gatherer.add(piece, 0, piece.length, i * piece.length);
  });
  expect(taken).toEqual([160_000, 320_000]);
  expect(gatherer.take().equals(Buffer.concat(new Array<Buffer>(40).fill(piece)))).toBe(true);
});

test.each([true, false])(
  'memory for all is what is given back; passed on, it serves from the first piece on: %s',
  (isPassedOn) => {
    const gatherer = new ByteGatherer();
    gatherer.isPassedOn = isPassedOn;
    for (let round = 0; round < 3; round++) {
      const plain = filled(400_000, round);
      const taken = blocksOf(() => addIn(3_000, gatherer, plain, 400_000));
      const whole = gatherer.take();
      expect([whole.equals(plain), whole.buffer.byteLength]).toEqual([true, 400_000]);
      expect(taken).toEqual(isPassedOn && round > 0 ? [] : [400_000]);
      PASSING_MEMORY.giveBack(whole);
    }
  },
);

test('what was gathered stays as it is when more is gathered, in the blocks that it lay in', () => {
  const gatherer = new ByteGatherer();
  const wholes = ['a', 'b'].map((letter) => {
    gatherer.add(Buffer.alloc(5_000, letter), 0, 5_000);
    return gatherer.take();
  });
  expect(wholes.map(String)).toEqual(['a'.repeat(5_000), 'b'.repeat(5_000)]);
});

test('large pieces are copied there at once; before, after, and behind one that was full they are kept', () => {
  const gatherer = new ByteGatherer();
  const pieces = Array.from({ length: 5 }, (_, at) => alone(80_000 + at));
  const add = (from: number, to: number, expected: number) => {
    for (const piece of pieces.slice(from, to)) gatherer.add(piece, 0, piece.length, expected);
  };
  const lengthOf = (from: number, to: number) => pieces.slice(from, to).reduce((sum, { length }) => sum + length, 0);
  let whole: Buffer = Buffer.alloc(0);
  expect(blocksOf(() => add(0, 2, lengthOf(0, 5)))).toEqual([]);
  expect(blocksOf(() => add(2, 5, lengthOf(0, 5)))).toEqual([lengthOf(0, 5)]);
  expect(blocksOf(() => (whole = gatherer.take()))).toEqual([]);
  expect(whole.equals(Buffer.concat(pieces))).toBe(true);
  add(0, 2, lengthOf(0, 2));
  add(2, 3, 0);
  pieces[2]?.fill(0);
  expect(gatherer.take().equals(Buffer.concat(pieces.slice(0, 3)))).toBe(true);
  add(0, 1, 160_000);
  gatherer.clear();
  expect(blocksOf(() => add(0, 1, 0))).toEqual([]);
  expect(gatherer.take().buffer === pieces[0]?.buffer).toBe(true);
});

test('above 1 MiB without announcement a block has as much', () => {
  const gatherer = new ByteGatherer();
  const bytes = filled(2_500_000);
  expect(blocksOf(() => addIn(10_000, gatherer, bytes))).toEqual([2 ** 20, 2 ** 20]);
  expect(gatherer.take().equals(bytes)).toBe(true);
});

test('masked pieces are unmasked on their way, kept, copied or moved', () => {
  const sizes = fc.constantFrom(1, 2, 3, 63, 64, 5_001, 16_383, 16_387, 40_001);
  const keys = fc.constantFrom(0, 0x3d21fa37);
  const gatherer = new ByteGatherer();
  const lists = fc.array(fc.tuple(sizes, keys), { maxLength: 8 });
  const law = fc.property(lists, fc.boolean(), fc.boolean(), (list, isAnnounced, isPassedOn) => {
    gatherer.isPassedOn = isPassedOn;
    const pieces = list.map(([size, key], at) => ({ plain: filled(size, at), key }));
    const whole = Buffer.concat(pieces.map(({ plain }) => plain));
    for (const { plain, key } of pieces) {
      const wire = alone(plain.length);
      plain.copy(wire);
      maskOracle(wire, key);
      gatherer.add(wire, 0, wire.length, isAnnounced ? whole.length : 0, null, key);
    }
    const taken = gatherer.take();
    expect(taken.equals(whole)).toBe(true);
    PASSING_MEMORY.giveBack(taken.fill(0));
  });
  fc.assert(law, { numRuns: 150 });
});

test.each([1, 255, 257, 5_000])('what it gives holds 8 KiB or four times its size at most: pieces of %d', (size) => {
  for (const count of [1, 2, 3, 50]) {
    const gatherer = new ByteGatherer();
    for (let i = 0; i < count; i++) gatherer.add(filled(3 * size), 2 * size, 3 * size);
    expect(gatherer.take().buffer.byteLength).toBeLessThanOrEqual(Math.max(8_192, 4 * size * count));
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
    addIn(size, gatherer, bytes);
    expect(gatherer.takeText() === text).toBe(true);
    expect(gatherer.length).toBe(0);
  }
});

test.each([
  ['of ASCII, a byte below what Node keeps outside of the heap', 'a'.repeat(1_031_912)],
  ['of ASCII, as long as that', 'b'.repeat(1_031_913)],
  ['of anything else', 'é'.repeat(500_000)],
])('a long text %s takes no memory but its string’s, once there was one', (_, text) => {
  const gatherer = new ByteGatherer();
  gatherer.isText = true;
  const bytes = Buffer.from(text);
  const gathered = () => {
    addIn(10_000, gatherer, bytes);
    return gatherer.takeText() === text;
  };
  expect(gathered()).toBe(true);
  expect(allocationsOf(() => expect(gathered()).toBe(true))).toEqual([]);
});

test('the memory of a text is not that of another one that is gathered at the same time, nor of bytes', () => {
  const [one, other, bytes] = [new ByteGatherer(), new ByteGatherer(), new ByteGatherer()];
  one.isText = true;
  other.isText = true;
  for (let i = 0; i < 20; i++) {
    one.add(Buffer.alloc(9_000, 'a'), 0, 9_000);
    other.add(Buffer.alloc(9_000, 'b'), 0, 9_000);
    bytes.add(Buffer.alloc(9_000, 'c'), 0, 9_000);
  }
  const whole = bytes.take();
  expect(one.takeText()).toBe('a'.repeat(180_000));
  one.add(Buffer.alloc(90_000, 'd'), 0, 90_000);
  expect(other.takeText()).toBe('b'.repeat(180_000));
  expect(whole.equals(Buffer.alloc(180_000, 'c'))).toBe(true);
  one.clear();
});

test('pieces that are lent are copied, however large: they will be written over', () => {
  for (const isText of [false, true]) {
    const gatherer = new ByteGatherer();
    gatherer.isText = isText;
    const lent = alone(65_536);
    const views = new Views(lent, Infinity);
    for (const letter of 'abc') gatherer.add(lent.fill(letter), 0, 65_536, 0, views);
    lent.fill(0);
    const text = ['a', 'b', 'c'].map((letter) => letter.repeat(65_536)).join('');
    expect((isText ? gatherer.takeText() : gatherer.take().toString()) === text).toBe(true);
  }
});

test('clear lets go of everything', () => {
  const gatherer = new ByteGatherer();
  gatherer.add(filled(20_000), 0, 20_000);
  gatherer.add(filled(3), 0, 3);
  gatherer.clear();
  gatherer.add(filled(2), 0, 2);
  expect(gatherer.take()).toEqual(filled(2));
});
