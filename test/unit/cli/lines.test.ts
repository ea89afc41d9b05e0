/** Lines are the same however the bytes are cut. */
import { LineSplitter } from '../../../src/cli/lines.js';
import { UsageError } from '../../../src/errors.js';

const split = (chunks: readonly Buffer[], maxBytes = 100) => {
  const lines = new LineSplitter(maxBytes);
  const all = chunks.flatMap((chunk) => [...lines.push(chunk)]);
  return [...all, ...[lines.end()].filter((last) => last !== null)];
};

test('in every cut, characters of several bytes included', () => {
  const bytes = Buffer.from('one\n\nzwölf 🎉\nlast');
  for (let at = 0; at <= bytes.length; at++) {
    expect(split([bytes.subarray(0, at), bytes.subarray(at)])).toEqual(['one', '', 'zwölf 🎉', 'last']);
  }
  expect(split(Array.from(bytes, (byte) => Buffer.of(byte)))).toEqual(['one', '', 'zwölf 🎉', 'last']);
});

test('a final newline begins no line; no bytes are no lines', () => {
  expect(split([Buffer.from('a\n')])).toEqual(['a']);
  expect(split([])).toEqual([]);
});

test('a line at the limit passes, one over it is named, whether it has ended or not', () => {
  expect(split([Buffer.from('abc\n')], 3)).toEqual(['abc']);
  expect(() => split([Buffer.from('ok\nabcd\n')], 3)).toThrow(/Line 2 is longer than 3 bytes/);
  expect(() => split([Buffer.from('ab'), Buffer.from('cd')], 3)).toThrow(UsageError);
});

test('a line that is not UTF-8 is named', () => {
  expect(() => split([Buffer.from('ok\n'), Buffer.from([0xff, 0x0a])])).toThrow(/Line 2 is not UTF-8/);
});
