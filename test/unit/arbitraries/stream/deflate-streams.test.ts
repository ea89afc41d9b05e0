import zlib from 'node:zlib';
import fc from 'fast-check';
import {
  BlockDeflater,
  brokenDeflateStreams,
  deflateBlocks,
  deflateStreams,
  isMessage,
} from '../../../../src/arbitraries/stream/deflate-streams.js';
import { inflated, inflaterFor } from '../../../support/deflate.js';
import { hex } from '../../../support/wire.js';

const terms = fc.record({ windowBits: fc.integer({ min: 8, max: 15 }), takeover: fc.boolean() });

test('a stream inflates to what it says that it holds, on any terms', () => {
  const law = fc.property(
    terms.chain((one) => fc.tuple(fc.constant(one), deflateStreams({ ...one, maxBytes: 5_000 }))),
    ([{ windowBits, takeover }, { plain, bytes }]) => {
      expect(inflated(inflaterFor({ windowBits, takeover }), bytes).equals(plain)).toBe(true);
      expect(isMessage(bytes)).toBe(true);
    },
  );
  fc.assert(law);
});

test('messages of one sender refer to each other when the terms allow it, and not otherwise', () => {
  const law = fc.property(terms, fc.array(deflateBlocks(), { maxLength: 5 }), (one, recipes) => {
    const deflater = new BlockDeflater(one);
    const inflater = inflaterFor({ windowBits: one.windowBits, takeover: one.takeover });
    const plain = Buffer.from('the same message, again and again');
    for (const blocks of recipes) expect(inflated(inflater, deflater.message(plain, blocks))).toEqual(plain);
  });
  fc.assert(law);
  const [first, second] = [1, 2].map(() => new BlockDeflater({}));
  const block = [{ kind: 'fixed', ends: 'flush', at: 0 }] as const;
  const long = Buffer.from('a long message '.repeat(20));
  expect(first?.message(long, block).length).toBe(second?.message(long, block).length);
  expect(first?.message(long, block).length).toBeLessThan(10);
});

test('every kind of block is made', () => {
  const seen = new Set<number>();
  for (const { bytes } of fc.sample(deflateStreams({ maxBytes: 2_000 }), { numRuns: 3_000, seed: 1 }))
    seen.add((bytes[0] ?? 0) & 7);
  // BFINAL and the type, as the first three bits have them.
  expect([...seen].sort()).toEqual([0, 1, 2, 3, 4, 5]);
});

test('a broken stream is refused as one that is broken, and not by zlib alone', () => {
  const reasons = new Set<string>();
  const law = fc.property(brokenDeflateStreams(), ({ bytes, why }) => {
    reasons.add(why.replace(/\d+/g, ''));
    expect(() => inflated(inflaterFor(), bytes)).toThrow(
      expect.objectContaining({ code: 'ERR_WS_INVALID_DEFLATE', closeCode: 1007 }),
    );
  });
  fc.assert(law, { numRuns: 500 });
  expect(reasons.size).toBe(8);
});

test.each([
  ['00', true],
  ['01', true],
  ['0300', true],
  ['030000', true],
  ['f248cdc9c90700', true],
  ['f348cdc9c90700f248cdc9c90700', true],
  ['07', false],
  ['f248cdc9c907', false],
  ['0300ff', false],
])('%s is a message: %p', (digits, answer) => {
  expect(isMessage(Buffer.from(digits, 'hex'))).toBe(answer);
});

test('labels say the recipe and the bytes', () => {
  const [stream] = fc.sample(deflateStreams({ maxBytes: 0 }), { numRuns: 1, seed: 3 });
  expect(String(stream)).toMatch(/^0 bytes as (stored|fixed|dynamic)( final)?.* = [0-9a-f]+$/);
  expect(String(fc.sample(brokenDeflateStreams(), 1)[0])).toMatch(/: [0-9a-f]+$/);
});

test('what zlib makes of "Hello" is among them', () => {
  const block = [{ kind: 'fixed', ends: 'flush', at: 0 }] as const;
  expect(new BlockDeflater({}).message(Buffer.from('Hello'), block)).toEqual(hex`f248cdc9c90700`);
  expect(
    zlib
      .inflateRawSync(new BlockDeflater({}).message(Buffer.from('Hello'), [{ kind: 'stored', ends: 'final', at: 0 }]))
      .toString(),
  ).toBe('Hello');
});
