import type { Frame, Role } from '../../../src/codec/frame.js';
import { FrameParser } from '../../../src/codec/frame-parser.js';
import type { FramePart } from '../../../src/codec/frame-part.js';
import { maskOracle } from '../../../src/codec/mask-oracle.js';
import { type LeftMasked, PayloadMemory, type UnmaskMode } from '../../../src/codec/payload-memory.js';
import { binary, continuation, ping, text, wireOf } from '../../support/frames.js';
import { GIVINGS, type Giving, give, isLent, modeOf } from '../../support/parsing.js';
import { hex } from '../../support/wire.js';

const KEY = hex`37fa213d`;
const noise = (size: number) => Buffer.from(Uint8Array.from({ length: size }, (_, at) => at * 31 + (at >> 8)));

test('memory that was given back is taken again, by parsers of its mode, up to 16 of them', () => {
  for (const mode of ['copy', 'in-place'] as const) {
    const all = Array.from({ length: 40 }, () => PayloadMemory.take(mode));
    for (const one of all) one.giveBack();
    const again = new Set(Array.from({ length: 40 }, () => PayloadMemory.take(mode)));
    expect(all.filter((one) => again.has(one))).toHaveLength(16);
  }
});

describe('where the parser leaves a part', () => {
  /** Where a server finds the first payload, unmasked: in the chunk that it was given, or in memory of its own. */
  function placeOfFirst(chunk: Buffer, payload: Buffer, mode: Giving): 'the chunk' | 'its own memory' {
    const parser = new FrameParser({ role: 'server', maxFrameBytes: Infinity, rsv1: false }, modeOf(mode));
    give(mode, parser, chunk);
    const { bytes, start, end } = parser.next() as FramePart;
    expect(bytes.subarray(start, end).equals(payload.subarray(0, end - start))).toBe(true);
    return bytes.buffer === chunk.buffer ? 'the chunk' : 'its own memory';
  }

  test.each([
    ['in-place', 'a small frame in a chunk of 8 KiB', 'the chunk', binary(noise(20)), 8_192],
    ['in-place', 'a small frame in one byte more', 'its own memory', binary(noise(20)), 8_193],
    ['in-place', 'a small text, which leaves as a string,', 'the chunk', text('a'.repeat(20)), 65_536],
    ['in-place', 'a frame of 1,023 bytes in a chunk of 64 KiB', 'its own memory', binary(noise(1_023)), 65_536],
    ['in-place', 'a frame of 1,024 bytes, a 64th of its chunk,', 'the chunk', binary(noise(1_024)), 65_536],
    ['in-place', 'a frame of 63 bytes in a chunk of 16 KiB', 'its own memory', binary(noise(63)), 16_384],
    ['in-place', 'a frame of 64 bytes in a chunk of 16 KiB', 'the chunk', binary(noise(64)), 16_384],
    ['in-place', 'a frame of 64 bytes in one byte more', 'its own memory', binary(noise(64)), 16_385],
    ['in-place', 'a frame of 300 bytes, a 64th of its chunk,', 'the chunk', binary(noise(300)), 19_200],
    ['in-place', 'a frame of 300 bytes in one byte more', 'its own memory', binary(noise(300)), 19_201],
    ['in-place', 'a frame of 1,025 bytes in a large chunk', 'its own memory', binary(noise(1_025)), 65_536],
    ['in-place', 'a frame of less than a quarter of its chunk', 'its own memory', binary(noise(16_383)), 65_536],
    ['in-place', 'a frame of a quarter of its chunk', 'the chunk', binary(noise(16_384)), 65_536],
    ['in-place', 'a text of any size', 'the chunk', text('a'.repeat(5_000)), 65_536],
    ['lent', 'a small frame in a chunk of 8 KiB', 'its own memory', binary(noise(20)), 8_192],
    ['lent', 'a frame as large as the chunk', 'its own memory', binary(noise(60_000)), 60_014],
    ['lent', 'a text, which leaves as a string,', 'the chunk', text('a'.repeat(5_000)), 65_536],
    ['passed-on', 'a frame of any size', 'the chunk', binary(noise(5_000)), 65_536],
    ['passed-on', 'a small frame', 'the chunk', binary(noise(20)), 65_536],
    ['copy', 'a small frame in a chunk of 8 KiB', 'its own memory', binary(noise(20)), 8_192],
    ['copy', 'a small text', 'its own memory', text('a'.repeat(20)), 65_536],
    ['copy', 'a large frame', 'its own memory', binary(noise(5_000)), 65_536],
  ] as const)('%s: %s lies in %s', (mode, _, place, frame, size) => {
    const chunk = Buffer.allocUnsafeSlow(size);
    wireOf(frame, { key: KEY }).copy(chunk);
    expect(placeOfFirst(chunk, frame.payload, mode)).toBe(place);
  });

  test.each(['copy', 'lent'] as const)('%s: a small frame that nothing follows lies alone', (mode) => {
    const parser = new FrameParser({ role: 'server', maxFrameBytes: Infinity, rsv1: false }, modeOf(mode));
    give(mode, parser, wireOf(binary(noise(100)), { key: KEY }));
    expect(parser.next()).toMatchObject({ bytes: noise(100), views: null, start: 0, end: 100 });
  });

  test('in-place: what a chunk has of a larger frame lies in the chunk, however little', () => {
    const memory = Buffer.allocUnsafeSlow(65_536);
    wireOf(binary(noise(9_000)), { key: KEY }).copy(memory);
    expect(placeOfFirst(memory.subarray(0, 20), noise(9_000), 'in-place')).toBe('the chunk');
  });
});

describe.each(['copy', 'in-place', 'passed-on'] as const)('parts that may stay as they came: %s', (mode) => {
  interface Part {
    readonly payload: Buffer;
    readonly key: number;
    readonly bytes: Buffer;
    readonly isLent: boolean;
  }

  /** The parts of `frames` when the wire is cut at `cuts`, each payload unmasked by the key that its part says. */
  function partsOf(frames: readonly Frame[], cuts: readonly number[], left: LeftMasked, role: Role = 'server') {
    const parser = new FrameParser({ role, maxFrameBytes: Infinity, rsv1: false }, modeOf(mode), left);
    const wire = Buffer.concat(frames.map((frame) => wireOf(frame, role === 'server' ? { key: KEY } : {})));
    const chunks = [0, ...cuts].map((from, at) => Buffer.from(wire.subarray(from, cuts[at] ?? wire.length)));
    const parts: Part[] = [];
    for (const chunk of chunks) {
      give(mode, parser, chunk);
      for (let part = parser.next(); part !== null; part = parser.next()) {
        const { bytes, start, end, key, views } = part;
        const payload = Buffer.from(bytes.subarray(start, end));
        maskOracle(payload, key);
        parts.push({ payload, key, bytes, isLent: views?.held === Infinity });
      }
    }
    return { parts, isInChunk: ({ bytes }: Part) => chunks.some(({ buffer }) => buffer === bytes.buffer) };
  }
  const joined = (parts: readonly Part[]) => Buffer.concat(parts.map(({ payload }) => payload));
  const payload = noise(2_000);
  const frames = [binary(payload)];
  test('a frame that is cut stays masked, each part with the key from its phase on, where it came', () => {
    const { parts, isInChunk } = partsOf(frames, [9, 500, 1_501], 'binary');
    expect(parts).toHaveLength(4);
    expect(parts.every(({ key }) => key !== 0)).toBe(true);
    expect(joined(parts).equals(payload)).toBe(true);
    expect(parts.every((part) => isInChunk(part))).toBe(true);
    expect(parts.map(({ isLent }) => isLent)).toEqual(parts.map(() => mode !== 'in-place'));
  });

  test.each([
    ['one that nobody masked', frames, [500], 'binary', 'client'],
    ['a text, where only binary ones may', [text('a'.repeat(2_000))], [500], 'binary', 'server'],
    ['any, where none may', frames, [500], 'none', 'server'],
    ['a control frame', [ping(noise(100))], [50], 'data', 'server'],
  ] as const)('not %s', (_, all, cuts, left, role) => {
    const { parts } = partsOf(all, cuts, left, role);
    expect(parts.map(({ key }) => key)).toEqual(parts.map(() => 0));
    expect(joined(parts).equals(all[0].payload)).toBe(true);
  });

  test('one that is whole only where it is passed on', () => {
    const { parts } = partsOf(frames, [], 'binary');
    expect([joined(parts).equals(payload), ...parts.map(({ key }) => key !== 0)]).toEqual([true, mode === 'passed-on']);
  });

  test('the fragments of a binary message may, whatever came between them', () => {
    const [one, two] = [noise(300), noise(500)];
    const { parts } = partsOf([binary(one, false), ping('x'), continuation(two)], [100, 500], 'binary');
    expect(parts.map(({ key }) => key !== 0)).toEqual([true, true, false, true, true]);
    expect(joined(parts).equals(Buffer.concat([one, Buffer.from('x'), two]))).toBe(true);
  });

  test('a text may, where all data frames may', () => {
    const { parts } = partsOf([text('a'.repeat(2_000))], [500], 'data');
    expect([...parts.map(({ key }) => key !== 0), joined(parts).toString()]).toEqual([true, true, 'a'.repeat(2_000)]);
  });
});

test.each(['copy', 'in-place'] as const)('a part holds on to nothing once its chunk is used up: %s', (mode) => {
  const parser = new FrameParser({ role: 'server', maxFrameBytes: Infinity, rsv1: false }, mode);
  parser.push(Buffer.concat([20, 30].map((size) => wireOf(binary(noise(size)), { key: KEY }))));
  const part = parser.next();
  expect(part?.bytes.length).toBeGreaterThan(0);
  expect(part?.views).not.toBeNull();
  for (let more = parser.next(); more !== null; ) more = parser.next();
  expect(part).toMatchObject({ bytes: Buffer.alloc(0), views: null });
});

test.each(GIVINGS)('parsers in the middle of their chunks have memory of their own: %s', (mode) => {
  const sizes = [100, 2_000, 3, ...new Array<number>(17).fill(60), 1_030, 5, 9_000];
  const framesOf = (who: number) =>
    sizes.map((size, at) => (at < 11 || at > 19 ? binary : text)(`${(who + at) % 10}`.repeat(size)));
  for (const role of ['server', 'client', 'server'] as const) {
    const parsers = Array.from({ length: 40 }, (_, who) => {
      const parser = new FrameParser({ role, maxFrameBytes: Infinity, rsv1: false }, modeOf(mode));
      const frames = framesOf(who);
      const chunk = Buffer.concat(frames.map((frame) => wireOf(frame, role === 'server' ? { key: KEY } : {})));
      give(mode, parser, chunk);
      return { parser, chunk, frames };
    });
    for (const nth of sizes.keys()) {
      for (const [who, { parser, chunk, frames }] of parsers.entries()) {
        const { bytes, start, end } = parser.next() as FramePart;
        expect(bytes.subarray(start, end).equals(frames[nth]?.payload as Buffer)).toBe(true);
        if (!isLent(mode) || nth !== who % sizes.length) continue;
        parser.keep();
        chunk.fill(0xee);
      }
    }
    expect(parsers.map(({ parser }) => [parser.next(), parser.next()])).toEqual(parsers.map(() => [null, null]));
  }
});

describe('slabs, where the small frames of a large chunk are', () => {
  /** The slabs of one chunk of such frames, in order. */
  function slabsOf(mode: UnmaskMode, sizes: readonly number[], role: Role = 'server', isLent = false): Buffer[] {
    const parser = new FrameParser({ role, maxFrameBytes: Infinity, rsv1: false }, mode);
    const masking = role === 'server' ? { key: KEY } : {};
    parser.push(Buffer.concat(sizes.map((size) => wireOf(binary(noise(size)), masking))), isLent);
    const slabs = new Set<Buffer>();
    for (let part = parser.next(); part !== null; part = parser.next()) slabs.add(part.bytes);
    return [...slabs];
  }
  const many = Array.from({ length: 600 }, () => 100);

  test.each([
    ['copy', 8, [38, 77, 77, 77, 77, 77, 77, 77, 23]],
    ['in-place', 16, [38, 152, 154, 154, 102]],
  ] as const)(
    'a run has its frames and nothing else, of 4 KiB of the chunk and then more: %s, %i KiB',
    (mode, _, runs) => {
      // 106 bytes a frame, and only whole ones.
      expect(slabsOf(mode, many).map(({ length }) => length)).toEqual(runs.map((frames) => frames * 106));
    },
  );

  test.each(['copy', 'in-place'] as const)(
    'where there are no runs each is full, and twice the one before up to 8 KiB: %s',
    (mode) => {
      const sizes = slabsOf(mode, many, 'client').map(({ length }) => length);
      expect(sizes.slice(0, 6)).toEqual([512, 1_024, 2_048, 4_096, 8_192, 8_192]);
      expect(sizes.at(-1)).toBeLessThan(8_192);
      expect(sizes.slice(6, -1).every((size) => size === 8_192)).toBe(true);
    },
  );

  test('of a lent chunk, tiny payloads lie in 8 KiB, others in 16 KiB, and from 512 bytes on those are half of 32 KiB', () => {
    const slabOf = (size: number) => slabsOf('in-place', new Array<number>(600).fill(size), 'server', true)[2];
    const sizes = [63, 64, 511, 512, 1_024].map((size) => [slabOf(size)?.length, slabOf(size)?.buffer.byteLength]);
    expect(sizes).toEqual([
      [8_142, 8_142],
      [16_380, 16_380],
      [16_089, 16_089],
      [16_120, 32_768],
      [15_480, 32_768],
    ]);
  });

  test('larger frames between small ones do not begin them anew', () => {
    const sizes = slabsOf('copy', [...many.slice(0, 12), 2_000, 2_000, ...many], 'client').map(({ length }) => length);
    expect(sizes.slice(0, 5)).toEqual([512, 1_024, 2_000, 2_000, 2_048]);
  });

  test('a frame that ends where its slab ends is in it, a run or not; one of more than 1 KiB lies alone', () => {
    expect(slabsOf('copy', many.slice(0, 7)).map(({ length }) => length)).toEqual([7 * 106]);
    expect(slabsOf('copy', [100, 100], 'client').map(({ length }) => length)).toEqual([100 + 102]);
    expect(slabsOf('copy', [1_024, 1_024], 'client').map(({ length }) => length)).toEqual([1_024 + 1_028]);
    expect(slabsOf('copy', [1_025, 1_025], 'client').map(({ length }) => length)).toEqual([1_025, 1_025]);
  });

  test('the first has room for four frames of the first one’s size; after a short run little is looked at', () => {
    expect(slabsOf('copy', [200, ...many], 'client')[0]).toHaveLength(800);
    expect(slabsOf('copy', [1_024, ...many])[0]).toHaveLength(1_032 + 28 * 106);
    expect(slabsOf('copy', [100, 100, 2_000, ...many])[2]).toHaveLength(38 * 106);
  });

  test('a frame without payload needs none, and begins a run like any other', () => {
    expect(slabsOf('copy', [0]).map(({ length }) => length)).toEqual([0]);
    expect(slabsOf('copy', [0, 100], 'client').map(({ length }) => length)).toEqual([0, 100]);
    expect(slabsOf('copy', [0, ...many.slice(0, 7)]).map(({ length }) => length)).toEqual([6 + 7 * 106]);
  });

  test('frames that are over the limit are no run, and fail as any other', () => {
    const parser = new FrameParser({ role: 'server', maxFrameBytes: 99, rsv1: false });
    parser.push(Buffer.concat(many.map((size) => wireOf(binary(noise(size)), { key: KEY }))));
    expect(() => parser.next()).toThrow(expect.objectContaining({ code: 'ERR_WS_FRAME_TOO_BIG' }));
  });
});
