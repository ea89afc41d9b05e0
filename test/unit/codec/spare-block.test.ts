import { MaskWindow } from '../../../src/codec/mask.js';
import { SpareBlock } from '../../../src/codec/spare-block.js';

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
  const blocks = [90_000, 131_073, 131_072, 131_071, 0].map((size) => new MaskWindow(Buffer.alloc(size)));
  for (const block of blocks) spare.giveBack(block);
  expect(spare.take(90_000) === blocks[2]).toBe(true);
  const other: MaskWindow = spare.take(90_000);
  expect(blocks.some((block: MaskWindow) => block === other)).toBe(false);
});
