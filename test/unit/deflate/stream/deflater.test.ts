import zlib from 'node:zlib';
import fc from 'fast-check';
import type { Deflater } from '../../../../src/deflate/stream/deflater.js';
import { SCRATCH, SLICE_BYTES } from '../../../../src/deflate/stream/zlib-context.js';
import {
  compressibles,
  compression,
  directions,
  inflated,
  inflaterFor,
  NO_TAKEOVER,
  TAKEOVER,
} from '../../../support/deflate.js';
import { cutAt, hex, repeatable } from '../../../support/wire.js';

const TEXT = Buffer.from('{"user":"alpha","text":"hello hello hello","user":"alpha"}');
const deflaterFor = (deflate = TAKEOVER) => compression().deflater({ deflate });
const random = repeatable(5);
const noise = (size: number) => Buffer.from(Array.from({ length: size }, () => random(256)));

/** A message as every zlib reads it: with the tail put back. */
const read = (message: Buffer, options: zlib.ZlibOptions = {}) =>
  zlib.inflateRawSync(Buffer.concat([message, hex`00 00 ff ff`]), {
    ...options,
    finishFlush: zlib.constants.Z_SYNC_FLUSH,
  });

test('a message is what zlib calls one, without the tail', () => {
  const message = deflaterFor().compress(TEXT) as Buffer;
  expect(message.length).toBeLessThan(TEXT.length);
  expect(message.subarray(-4).equals(hex`00 00 ff ff`)).toBe(false);
  expect(read(message).equals(TEXT)).toBe(true);
});

test('with takeover the second time is short, and stands on the first; without, both are alike', () => {
  const [first, second] = [1, 2].map(
    (
      (deflater) => () =>
        deflater.compress(TEXT) as Buffer
    )(deflaterFor()),
  );
  expect(second?.length).toBeLessThan((first?.length ?? 0) / 2);
  expect(read(second as Buffer, { dictionary: TEXT }).equals(TEXT)).toBe(true);
  const alike = [1, 2].map(
    (
      (deflater) => () =>
        deflater.compress(TEXT)
    )(deflaterFor(NO_TAKEOVER)),
  );
  expect(alike[0]).toEqual(alike[1]);
});

test('what does not become smaller is sent as it is, and later messages do not refer to it', () => {
  const deflater = deflaterFor();
  const inflater = inflaterFor();
  const secret = noise(500);
  for (const plain of [TEXT, secret, Buffer.concat([secret, TEXT, TEXT, TEXT]), Buffer.alloc(0), TEXT]) {
    const message = deflater.compress(plain);
    if (message !== null) expect(inflated(inflater, message).equals(plain)).toBe(true);
    else expect([secret, Buffer.alloc(0)]).toContainEqual(plain);
  }
});

test('an empty message is one zero byte (§7.2.3.6), first or later, at the end of pieces too', () => {
  const deflater = deflaterFor();
  const inflater = inflaterFor();
  for (let i = 0; i < 3; i++) expect(deflater.piece(Buffer.alloc(0), 'message')).toEqual(hex`00`);
  const flushed = deflater.piece(TEXT, 'flush');
  const end = deflater.piece(Buffer.alloc(0), 'message');
  expect(end).toEqual(hex`00`);
  expect(inflated(inflater, [flushed, end]).equals(TEXT)).toBe(true);
});

test('a flushed piece can be read at once', () => {
  const deflater = deflaterFor();
  const inflater = inflaterFor();
  const piece = deflater.piece(TEXT, 'flush');
  inflater.push(piece, 0, piece.length, false);
  expect(SCRATCH.subarray(0, inflater.next(1_000)).equals(TEXT)).toBe(true);
  expect([deflater.isBusy, inflater.done]).toEqual([true, false]);
});

test('a long message may leave in pieces, none of them much longer than what went in', () => {
  const plain = Buffer.concat([noise(300_000), Buffer.alloc(300_000)]);
  const deflater = deflaterFor();
  const slices: Buffer[] = [];
  for (let at = 0; at < plain.length; at += SLICE_BYTES) {
    const end = at + SLICE_BYTES < plain.length ? 'more' : 'message';
    slices.push(deflater.piece(plain.subarray(at, at + SLICE_BYTES), end));
  }
  // zlib may keep a little of a slice for the next one.
  expect(Math.max(...slices.map(({ length }) => length))).toBeLessThan(SLICE_BYTES * 1.6);
  expect(inflated(inflaterFor(), slices).equals(plain)).toBe(true);
});

test('losing its context between messages costs ratio only', () => {
  const shared = compression({ maxContexts: 1 });
  const [first, second] = [0, 1].map(() => shared.deflater({ deflate: TAKEOVER })) as [Deflater, Deflater];
  const inflater = inflaterFor();
  for (let i = 0; i < 5; i++) {
    expect(inflated(inflater, first.compress(TEXT) as Buffer).equals(TEXT)).toBe(true);
    expect(inflated(inflaterFor(), second.compress(TEXT) as Buffer).equals(TEXT)).toBe(true);
  }
  expect(shared.contexts.deflating).toBe(1);
});

test('a message that was compressed elsewhere may go out in between, once ours has forgotten', () => {
  const [deflater, elsewhere, inflater] = [deflaterFor(), deflaterFor(NO_TAKEOVER), inflaterFor()];
  const first = deflater.compress(TEXT) as Buffer;
  deflater.forget();
  const messages = [first, elsewhere.compress(TEXT) as Buffer, deflater.compress(TEXT) as Buffer];
  expect(messages.map((message) => inflated(inflater, message).equals(TEXT))).toEqual([true, true, true]);
  expect(deflater.compress(TEXT)?.length).toBeLessThan(first.length / 2);
});

test('without takeover one compressor serves every connection', () => {
  const shared = compression();
  for (let i = 0; i < 20; i++) shared.deflater({ deflate: NO_TAKEOVER }).compress(TEXT);
  expect(shared.contexts.deflating).toBe(1);
});

test('two messages in pieces at the same time do not mix', () => {
  const shared = compression({ maxContexts: 1 });
  const both = [TEXT, noise(300)].map((plain) => ({ plain, deflater: shared.deflater({ deflate: NO_TAKEOVER }) }));
  const heads = both.map(({ plain, deflater }) => deflater.piece(plain.subarray(0, 20), 'flush'));
  both.forEach(({ plain, deflater }, at) => {
    const pieces = [heads[at] as Buffer, deflater.piece(plain.subarray(20), 'message')];
    expect(inflated(inflaterFor(NO_TAKEOVER), pieces).equals(plain)).toBe(true);
  });
});

test('closed, in the middle of a message or twice, it compresses nothing more', () => {
  const shared = compression();
  const deflater = shared.deflater({ deflate: TAKEOVER });
  deflater.piece(TEXT, 'more');
  deflater.close();
  deflater.close();
  expect(() => deflater.compress(TEXT)).toThrow(expect.objectContaining({ code: 'ERR_WS_CUT_OFF' }));
  expect(inflated(inflaterFor(), shared.deflater({ deflate: TAKEOVER }).compress(TEXT) as Buffer).equals(TEXT)).toBe(
    true,
  );
});

test('any messages, agreement, settings and pieces: our inflater and zlib’s read what was written', () => {
  const message = fc.record({
    plain: compressibles(),
    cuts: fc.array(fc.record({ at: fc.nat(), end: fc.constantFrom('more', 'flush') }), { maxLength: 4 }),
  });
  const options = fc.record({
    level: fc.integer({ min: 0, max: 9 }),
    memLevel: fc.integer({ min: 1, max: 9 }),
    maxContexts: fc.integer({ min: 1, max: 3 }),
  });
  const all = fc.array(fc.record({ message, connection: fc.nat(2) }), { minLength: 1, maxLength: 8 });
  const law = fc.property(all, options, directions(), (list, settings, one) => {
    const shared = compression(settings);
    const pairs = [0, 1, 2].map(() => ({
      deflater: shared.deflater({ deflate: one }),
      inflater: shared.inflater({ inflate: one }),
    }));
    for (const { message, connection } of list) {
      const { plain, cuts } = message;
      const { deflater, inflater } = pairs[connection] as (typeof pairs)[number];
      const sorted = cuts.map(({ at, end }) => ({ end, at: at % (plain.length + 1) })).sort((a, b) => a.at - b.at);
      const ends = [...sorted.map(({ end }) => end), 'message'] as const;
      const pieces = cutAt(
        plain,
        sorted.map(({ at }) => at),
      ).map((bytes, at) => deflater.piece(bytes, ends[at] ?? 'more'));
      expect(inflated(inflater, pieces, 5_000).equals(plain)).toBe(true);
      if (!one.takeover) expect(read(Buffer.concat(pieces)).equals(plain)).toBe(true);
    }
    for (const end of pairs.flatMap(({ deflater, inflater }) => [deflater, inflater])) end.close();
  });
  fc.assert(law, { numRuns: 150 });
});
