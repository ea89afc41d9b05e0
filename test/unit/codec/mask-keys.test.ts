import { randomMaskKey } from '../../../src/codec/mask-keys.js';

/** The next keys, all of them 32-bit integers: the first of a process, too, whichever test asks first. */
function drawn(count: number): number[] {
  const keys = Array.from({ length: count }, randomMaskKey);
  expect(keys.every((key) => Number.isInteger(key) && key === (key | 0))).toBe(true);
  return keys;
}

test('no key comes twice more often than chance allows', () => {
  const keys = drawn(10_000);
  // 10,000 of 2^32: 0.01 pairs are expected; three would happen once in 6 million runs.
  expect(new Set(keys).size).toBeGreaterThan(10_000 - 3);
});

test('every bit of a key is set about half the time', () => {
  const keys = drawn(10_000);
  for (let bit = 0; bit < 32; bit++) {
    const ones = keys.filter((key) => ((key >>> bit) & 1) === 1).length;
    // Seven standard deviations of a fair coin.
    expect(Math.abs(ones - 5_000)).toBeLessThan(350);
  }
});

test('what was handed out does not come again', () => {
  const [left, right] = [new Set(drawn(1_000)), drawn(1_000)];
  expect(right.filter((key) => left.has(key)).length).toBeLessThan(3);
});
