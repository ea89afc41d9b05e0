import { Block, SpareBlock } from '../../../src/codec/spare-block.js';

const SIZE = 100_000;

test('a block that was given back is the next one, and nobody else’s', () => {
  const spare = new SpareBlock();
  const block = spare.take(SIZE);
  expect(block.bytes.length).toBe(SIZE);
  spare.giveBack(block);
  expect(spare.take(SIZE) === block).toBe(true);
  expect(spare.take(SIZE) === block).toBe(false);
});

test('it serves for a sixteenth of its size, not for less, nor for more than it has', () => {
  const spare = new SpareBlock();
  const block = spare.take(SIZE);
  spare.giveBack(block);
  expect(spare.take(SIZE + 1) === block).toBe(false);
  expect(spare.take(SIZE / 16 - 1).bytes.length).toBe(SIZE / 16 - 1);
  expect(spare.take(SIZE / 16) === block).toBe(true);
});

test('of several the largest is kept, up to 128 KiB, and only that', () => {
  const spare = new SpareBlock();
  const blocks = [90_000, 131_073, 131_072, 131_071, 0].map((size) => new Block(Buffer.alloc(size)));
  for (const block of blocks) spare.giveBack(block);
  expect(spare.take(90_000) === blocks[2]).toBe(true);
  const other: Block = spare.take(90_000);
  expect(blocks.some((block: Block) => block === other)).toBe(false);
});

test('its first bytes are the same Buffer for as long as they are as many', () => {
  const block = new Block(Buffer.from('abcdef'));
  const [three, again, two, three2] = [3, 3, 2, 3].map((size) => block.first(size));
  expect([three, two, three2].map(String)).toEqual(['abc', 'ab', 'abc']);
  expect([three === again, three === three2, three?.buffer === block.bytes.buffer]).toEqual([true, false, true]);
});
