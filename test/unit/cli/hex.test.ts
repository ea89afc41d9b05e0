/** Dumps and what people type for bytes. */
import { hexDump, parseHex } from '../../../src/cli/hex.js';
import { UsageError } from '../../../src/errors.js';

const BYTES = Buffer.from('Hello, wörld!\x00\xff and more', 'latin1');

test('a dump has offset, bytes and characters, 16 a row', () => {
  expect(hexDump(BYTES)).toBe(
    [
      '00000000  48 65 6c 6c 6f 2c 20 77  f6 72 6c 64 21 00 ff 20  |Hello, w.rld!.. |',
      '00000010  61 6e 64 20 6d 6f 72 65                           |and more|',
    ].join('\n'),
  );
});

test('a narrow terminal gets 8 a row, and no row is wider than the terminal', () => {
  const rows = hexDump(BYTES, { columns: 60 }).split('\n');
  expect(rows[0]).toBe('00000000  48 65 6c 6c 6f 2c 20 77  |Hello, w|');
  for (const columns of [60, 77, 78, 200]) {
    for (const row of hexDump(BYTES, { columns }).split('\n')) expect(row.length).toBeLessThanOrEqual(columns);
  }
});

test('what is not shown is counted', () => {
  expect(hexDump(BYTES, { maxBytes: 8 }).split('\n')[1]).toBe(`… ${BYTES.length - 8} bytes more`);
  expect(hexDump(Buffer.alloc(0))).toBe('');
});

test.each(['ff00 7f', 'FF 00 7F', '0xff,0x00,0x7f', 'ff:00:7f', ' ff-00_7f '])('%s is three bytes', (text) => {
  expect(parseHex(text)).toEqual(Buffer.from([0xff, 0, 0x7f]));
});

test.each(['f', 'fg', 'ff 0', 'hello'])('"%s" is not', (text) => {
  expect(() => parseHex(text)).toThrow(UsageError);
});
