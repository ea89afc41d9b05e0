import { FREED_MEMORY } from '../../../src/codec/freed-memory.js';
import { PASSING_MEMORY, PassingMemory } from '../../../src/codec/passing-memory.js';
import { allocationsOf } from '../../support/allocations.js';

const KIB = 1_024;
const MIB = 1_024 * KIB;

/** Memory that has a block of `size` bytes to give, and that block. */
function keeping(size: number) {
  const memory = new PassingMemory();
  const block = memory.take(size);
  memory.giveBack(block);
  return { memory, block };
}

test.each([
  ['its size', 100_000, true],
  ['a byte more', 100_001, false],
  ['a byte less', 99_999, true],
  ['a quarter of it', 25_000, true],
  ['less than a quarter', 24_999, false],
])('what was given back serves again for a message of %s', (_, size, serves) => {
  const { memory, block } = keeping(100_000);
  expect(memory.has(size)).toBe(serves);
  const taken = memory.take(size);
  expect([taken.length, taken.buffer === block.buffer]).toEqual([size, serves]);
  expect(memory.has(size)).toBe(false);
});

test('what served for a smaller message serves for a larger one again', () => {
  const { memory, block } = keeping(100_000);
  memory.giveBack(memory.take(30_000));
  const taken = memory.take(100_000);
  expect([taken.length, taken.buffer === block.buffer]).toEqual([100_000, true]);
});

test('nobody else has it meanwhile', () => {
  const memory = new PassingMemory();
  const first = Array.from({ length: 5 }, () => memory.take(100_000));
  for (const block of first) memory.giveBack(block);
  const again = Array.from({ length: 7 }, () => memory.take(90_000));
  expect(new Set(again.map(({ buffer }) => buffer)).size).toBe(7);
  expect(again.filter(({ buffer }) => first.some((block) => block.buffer === buffer))).toHaveLength(5);
});

test('from 32 KiB on it is nobody else’s; less may share its memory, and is not kept', () => {
  for (const [size, isAlone] of [
    [32 * KIB, true],
    [32 * KIB - 1, false],
  ] as const) {
    const { memory, block } = keeping(size);
    expect([block.buffer.byteLength === size, memory.has(size)]).toEqual([isAlone, isAlone]);
  }
});

test('4 MiB are kept at most, and as much again once those are taken', () => {
  const memory = new PassingMemory();
  const six = () => Array.from({ length: 6 }, () => memory.take(MIB));
  let blocks = six();
  for (let round = 0; round < 2; round++) {
    for (const block of blocks) memory.giveBack(block);
    const made = allocationsOf(() => {
      blocks = six();
    });
    expect(made).toEqual([MIB, MIB]);
  }
  expect(keeping(4 * MIB).memory.has(4 * MIB)).toBe(true);
  expect(keeping(4 * MIB + 1).memory.has(4 * MIB + 1)).toBe(false);
});

test('what is given back twice serves once', () => {
  const memory = new PassingMemory();
  const block = memory.take(100_000);
  memory.giveBack(block);
  memory.giveBack(block);
  expect(memory.take(100_000).buffer === block.buffer).toBe(true);
  expect(memory.has(100_000)).toBe(false);
  memory.giveBack(block);
  expect(memory.has(100_000)).toBe(true);
});

test('memory of others is not taken', () => {
  const memory = new PassingMemory();
  for (const other of [Buffer.alloc(100_000), new PassingMemory().take(100_000)]) memory.giveBack(other);
  expect(memory.has(100_000)).toBe(false);
});

test('blocks of less than 32 KiB are not kept', () => {
  expect([32 * KIB - 1, 32 * KIB].map((size) => keeping(size).memory.has(size))).toEqual([false, true]);
});

test('a message without bytes has memory', () => {
  expect(new PassingMemory().take(0)).toHaveLength(0);
});

test('a block is made once malloc keeps what is freed', () => {
  const { keep } = FREED_MEMORY;
  const asked: string[] = [];
  FREED_MEMORY.keep = () => asked.push('keep');
  PASSING_MEMORY.take(5 * MIB);
  FREED_MEMORY.keep = keep;
  expect(asked).toEqual(['keep']);
});
