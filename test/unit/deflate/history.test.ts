import { constants, inflateRawSync } from 'node:zlib';
import fc from 'fast-check';
import { MAX_STORED_BYTES, recallProgram, storedBlockHeader } from '../../../src/deflate/history.js';
import { repeatable } from '../../support/wire.js';

const finishFlush = constants.Z_SYNC_FLUSH;
const random = repeatable(1);
const WINDOW = Buffer.from(Array.from({ length: 32_768 }, () => random(256)));

/** What the program prints in an inflater whose window is `dictionary`. */
const printed = (size: number, dictionary: Buffer) =>
  inflateRawSync(recallProgram(size), { finishFlush, dictionary }).subarray(0, size);

test('the program prints the window, whatever its size', () => {
  const edges = [1, 2, 3, 4, 5, 257, 258, 259, 512, 513, 24_576, 24_577, 32_767, 32_768];
  for (const size of edges) expect(printed(size, WINDOW).equals(WINDOW.subarray(-size))).toBe(true);
  const law = fc.property(fc.integer({ min: 1, max: 32_768 }), (size) =>
    printed(size, WINDOW).equals(WINDOW.subarray(-size)),
  );
  fc.assert(law);
});

test('a window of 32 KiB is printed by a program of a few hundred bytes', () => {
  expect(recallProgram(32_768).length).toBeLessThan(420);
});

test('a stored block of any size puts bytes in', () => {
  for (const size of [1, 300, 32_768, MAX_STORED_BYTES]) {
    const bytes = Buffer.alloc(size, 'window');
    const block = Buffer.concat([storedBlockHeader(size), bytes]);
    expect(inflateRawSync(block, { finishFlush }).equals(bytes)).toBe(true);
  }
});
