import { Duplicates } from '../../../src/backplane/duplicates.js';

const stamp = (writer: string, number: number) => ({ writer, number });

test('each writer counts for itself; a number that was passed is a duplicate', () => {
  const duplicates = new Duplicates();
  const asked = [stamp('a', 0), stamp('b', 0), stamp('a', 0), stamp('a', 2), stamp('a', 1), stamp('b', 1)];
  expect(asked.map((one) => duplicates.has(one))).toEqual([false, false, true, false, true, false]);
});

test('thousands of writers are remembered, and the most silent one is forgotten first', () => {
  const duplicates = new Duplicates();
  for (let writer = 0; writer < 4_096; writer++) duplicates.has(stamp(`${writer}`, 5));
  duplicates.has(stamp('0', 6));
  duplicates.has(stamp('one more', 0));
  expect(['0', '2', 'one more'].map((writer) => duplicates.has(stamp(writer, 0)))).toEqual([true, true, true]);
  expect(duplicates.has(stamp('1', 5))).toBe(false);
});
