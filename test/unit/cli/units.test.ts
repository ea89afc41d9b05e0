/** Sizes, times and counts as people write and read them. */
import {
  bytesText,
  clockText,
  countText,
  latencyText,
  parseSize,
  parseTime,
  sizeText,
  timeText,
} from '../../../src/cli/units.js';
import { UsageError } from '../../../src/errors.js';

test.each([
  [0, '0 B'],
  [999, '999 B'],
  [1000, '0.98 KiB'],
  [1536, '1.50 KiB'],
  [1024 ** 2 * 10, '10.0 MiB'],
  [1024 ** 2 * 999, '999 MiB'],
  [1024 ** 2 * 1000, '0.98 GiB'],
  [1024 ** 5, '1024 TiB'],
])('%i bytes are %s', (bytes, text) => {
  expect(bytesText(bytes)).toBe(text);
});

test.each([
  [0, '0 B'],
  [1_000, '1000 B'],
  [1_024, '1 KiB'],
  [1_536, '1536 B'],
  [64 * 1024 ** 2, '64 MiB'],
  [1024 ** 5, '1024 TiB'],
])('a size of %i bytes is %s, which is read as the same', (bytes, text) => {
  expect([sizeText(bytes), parseSize(text)]).toEqual([text, bytes]);
});

test.each([
  [0, '0 s'],
  [0.5, '0.5 ms'],
  [1_500, '1500 ms'],
  [10_000, '10 s'],
  [90_000, '90 s'],
  [60_000, '1 m'],
  [7_200_000, '2 h'],
])('a time of %d ms is %s, which is read as the same', (ms, text) => {
  expect([timeText(ms), parseTime(text)]).toEqual([text, ms]);
});

test.each([
  [0, '0:00'],
  [7_400, '0:07'],
  [59_600, '1:00'],
  [754_000, '12:34'],
  [3_723_000, '1:02:03'],
])('%i ms on the clock are %s', (ms, text) => {
  expect(clockText(ms)).toBe(text);
});

test.each([
  [0.0456, '0.046 ms'],
  [1.234, '1.23 ms'],
  [12.34, '12.3 ms'],
  [999, '999 ms'],
  [1_234, '1.23 s'],
])('a latency of %d ms is %s', (ms, text) => {
  expect(latencyText(ms)).toBe(text);
});

test.each([
  [999, '999'],
  [1_000, '1,000'],
  [1_234_567, '1,234,567'],
])('%i is written %s', (count, text) => {
  expect(countText(count)).toBe(text);
});

test.each([
  ['0', 0],
  ['512', 512],
  ['64k', 65_536],
  ['64KiB', 65_536],
  ['1.5m', 1_572_864],
  ['2 GB', 2 * 1024 ** 3],
])('the size %s is %i bytes', (text, bytes) => {
  expect(parseSize(text)).toBe(bytes);
});

test.each([
  ['500ms', 500],
  ['2', 2_000],
  ['1.5s', 1_500],
  ['1m', 60_000],
  ['1 h', 3_600_000],
])('the time %s is %i ms', (text, ms) => {
  expect(parseTime(text)).toBe(ms);
});

test.each(['', 'x', '-1', '1e3', '1.k', '5 parsecs', 'NaN', 'Infinity'])('"%s" is neither', (text) => {
  expect(() => parseSize(text)).toThrow(UsageError);
  expect(() => parseTime(text)).toThrow(UsageError);
});
