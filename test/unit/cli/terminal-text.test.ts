/** What a stranger sends cannot steer the terminal, and columns are counted as the terminal counts them. */
import fc from 'fast-check';
import { columnsOf, cutTo, oneLine, padTo, safeText } from '../../../src/cli/terminal-text.js';

test.each([
  ['\x1b[2J', '\\x1b[2J'],
  ['\x1b]0;title\x07', '\\x1b]0;title\\x07'],
  ['a\rb', 'a\\x0db'],
  ['\x9b31m', '\\x9b31m'],
  ['\u202egnp.exe', '\\u202egnp.exe'],
  ['\x7f\x00', '\\x7f\\x00'],
  ['tab\tand\nline', 'tab\tand\nline'],
  ['wörld 世界 🎉', 'wörld 世界 🎉'],
])('%j is shown as %j', (text, shown) => {
  expect(safeText(text)).toBe(shown);
});

test('nothing that is left is a control character but tab and newline', () => {
  const controls = fc.string({ unit: fc.integer({ min: 0, max: 0x9f }).map((code) => String.fromCharCode(code)) });
  fc.assert(fc.property(controls, (text) => !/[^\P{Cc}\t\n]/u.test(safeText(text))));
});

test('on one line there is neither', () => {
  expect(oneLine('a\nb\tc\x1b')).toBe('a\\nb\\tc\\x1b');
});

test.each([
  ['hello', 5],
  ['世界', 4],
  ['🎉', 2],
  ['e\u0301', 1],
  ['', 0],
])('%s takes %i columns', (text, columns) => {
  expect(columnsOf(text)).toBe(columns);
});

test('a cut text fits, and says that it was cut', () => {
  expect(cutTo('hello', 5)).toBe('hello');
  expect(cutTo('hello', 4)).toBe('hel…');
  expect(cutTo('世界', 3)).toBe('世…');
  fc.assert(
    fc.property(fc.string(), fc.integer({ min: 1, max: 20 }), (text, room) => columnsOf(cutTo(text, room)) <= room),
  );
});

test('padding goes to either side, by columns', () => {
  expect(padTo('世', 4)).toBe('世  ');
  expect(padTo('7', 3, 'left')).toBe('  7');
  expect(padTo('long', 2)).toBe('long');
});
