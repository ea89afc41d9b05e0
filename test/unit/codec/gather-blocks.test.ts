import { BLOCK_BYTES, GatherBlocks } from '../../../src/codec/gather-blocks.js';

const MOST_SPARE = 128;
const many = (blocks: GatherBlocks, count: number) => Array.from({ length: count }, () => blocks.take());

test('a block that was given back is taken again, and nobody has it twice', () => {
  const blocks = new GatherBlocks();
  const first = many(blocks, 10);
  expect(new Set(first.map(({ buffer }) => buffer)).size).toBe(10);
  expect(first.every(({ length, buffer }) => length === BLOCK_BYTES && buffer.byteLength === BLOCK_BYTES)).toBe(true);
  blocks.giveBack(first);
  const second = many(blocks, 11);
  expect(new Set(second).size).toBe(11);
  expect(second.filter((block) => first.includes(block))).toHaveLength(10);
});

test('2 MiB of blocks are kept, and no more', () => {
  const blocks = new GatherBlocks();
  const [first, second] = [many(blocks, MOST_SPARE - 1), many(blocks, 50)];
  blocks.giveBack(first);
  blocks.giveBack(second);
  blocks.giveBack(many(new GatherBlocks(), 3));
  const again = new Set(many(blocks, MOST_SPARE + 20));
  expect([...first, ...second].filter((block) => again.has(block))).toHaveLength(MOST_SPARE);
});

test('memory for a whole text serves for the next one, up to 4 MiB', () => {
  const blocks = new GatherBlocks();
  const memory = blocks.whole(1_000_000);
  expect(memory.length).toBe(1_000_000);
  expect(blocks.whole(10) === memory).toBe(true);
  const largest = blocks.whole(2 ** 22);
  expect(largest.length).toBe(2 ** 22);
  expect(blocks.whole(2 ** 22 + 1).length).toBe(2 ** 22 + 1);
  expect(blocks.whole(1_000_000) === largest).toBe(true);
});
