import fc from 'fast-check';
import { labelled } from '../../../src/arbitraries/labelled.js';

test('fast-check prints the label, and values compare as if there were none', () => {
  const value = labelled({ a: 1 }, () => 'one');
  expect(fc.stringify([value])).toBe('[one]');
  expect(value).toEqual({ a: 1 });
});
