import * as fc from 'fast-check';
import { printable, quoted } from '../../../src/handshake/excerpt.js';

test.each([
  ['plain text', 'plain text'],
  ['  two\r\n\r\n lines\t', 'two lines'],
  ['\u001b[31mred\u0000', '·[31mred·'],
  ['caf\u00e9\u00ff', 'caf·'],
  ['', ''],
])('%j reads %j', (text, plain) => {
  expect(printable(text, 100)).toBe(plain);
});

test('what is cut ends in an ellipsis, and what just fits is not cut', () => {
  expect(printable('abcd', 4)).toBe('abcd');
  expect(printable('abcde', 4)).toBe('abc…');
});

test('a field value is quoted, 80 characters of it at most', () => {
  expect(quoted('x')).toBe('"x"');
  expect(quoted('x'.repeat(81))).toBe(`"${'x'.repeat(79)}…"`);
});

test('whatever the text, the excerpt is one line of visible characters within the limit', () => {
  const binary = fc.string({ unit: 'binary', maxLength: 200 });
  fc.assert(
    fc.property(binary, fc.integer({ min: 1, max: 50 }), (text, limit) => {
      expect(printable(text, limit)).toMatch(/^[\x20-\x7e·…]*$/);
      expect(printable(text, limit).length).toBeLessThanOrEqual(limit);
    }),
  );
});
