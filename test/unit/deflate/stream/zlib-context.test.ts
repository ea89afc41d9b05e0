import zlib from 'node:zlib';
import { assertDrivable, Flush, ZlibContext } from '../../../../src/deflate/stream/zlib-context.js';
import { UsageError } from '../../../../src/errors.js';
import { compressed } from '../../../support/deflate.js';
import { hex, repeatable } from '../../../support/wire.js';

const out = Buffer.alloc(100_000);

test('it reads and writes as much as there is room for, and goes on', () => {
  const context = ZlibContext.inflate(15);
  const bytes = compressed('hello hello hello');
  expect(context.run(Flush.sync, bytes, 0, bytes.length, out, 5)).toBeNull();
  expect(context.leftOut).toBe(0);
  const at = bytes.length - context.leftIn;
  expect(context.run(Flush.sync, bytes, at, bytes.length, out, 100)).toBeNull();
  expect(out.toString('latin1', 0, 100 - context.leftOut)).toBe(' hello hello');
  context.close();
});

test('garbage is a sentence, not an event; after a reset it works again', async () => {
  const context = ZlibContext.inflate(15);
  expect(context.run(Flush.sync, hex`ff ff ff ff`, 0, 4, out, 100)).toBe('invalid block type');
  context.reset();
  const bytes = compressed('again');
  expect(context.run(Flush.sync, bytes, 0, bytes.length, out, 100)).toBeNull();
  context.close();
  await new Promise((resolve) => setImmediate(resolve));
});

test('closed twice is closed; used after that it throws and does not crash', () => {
  const context = ZlibContext.deflate(15, 6, 8);
  context.close();
  context.close();
  context.reset();
  expect(context.isClosed).toBe(true);
  expect(() => context.run(Flush.sync, out, 0, 1, out, 1)).toThrow('closed');
});

test('with 8 bits it never refers back more than 256 bytes', () => {
  const random = repeatable(3);
  const context = ZlibContext.deflate(8, 9, 9);
  // A long repetition at each distance, so that every match that the window allows is there to be found.
  const plain = Buffer.concat(
    Array.from({ length: 120 }, (_, at) => {
      const unit = Buffer.from(Array.from({ length: at * 2 + 180 }, () => random(256)));
      return Buffer.concat([unit, unit]);
    }),
  );
  const big = Buffer.alloc(plain.length * 2);
  context.run(Flush.sync, plain, 0, plain.length, big, big.length);
  const bytes = big.subarray(0, big.length - context.leftOut);
  context.close();
  expect(bytes.length).toBeLessThan(plain.length);
  // A byte at a time, copies come from the window of 256 bytes only: one from further back is an error.
  const strict = new ZlibContext(zlib.createInflateRaw({ windowBits: 8 }));
  const back = Buffer.alloc(plain.length);
  let at = 0;
  let wrong: string | null = null;
  for (let size = 0; size < plain.length; size++) {
    const one = back.subarray(size, size + 1);
    wrong ??= strict.run(Flush.sync, bytes, at, bytes.length, one, 1);
    at = bytes.length - strict.leftIn;
  }
  strict.close();
  expect(wrong).toBeNull();
  expect(back.equals(plain)).toBe(true);
});

describe('this runtime can be driven, or says that it cannot', () => {
  const original = zlib.createInflateRaw;
  const replace = (value: unknown) => Object.defineProperty(zlib, 'createInflateRaw', { value, configurable: true });
  afterEach(() => replace(original));

  test('it can', () => {
    expect(assertDrivable).not.toThrow();
  });

  test.each<[string, () => unknown]>([
    ['the handle is gone', () => ({})],
    ['the counters are gone', () => Object.assign(original(), { _writeState: [] })],
  ])('%s', (_, broken) => {
    replace(broken);
    expect(assertDrivable).toThrow(UsageError);
  });
});
