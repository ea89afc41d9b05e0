import fc from 'fast-check';
import type { Frame } from '../../../src/codec/frame.js';
import { FrameParser } from '../../../src/codec/frame-parser.js';
import { hasRuns, readRunHeader, reframeRun, runAt } from '../../../src/codec/frame-run.js';
import { emptyHeader, type HeaderRules } from '../../../src/codec/header.js';
import { STEP_BYTES, VectorKernel } from '../../../src/codec/mask-vector.js';
import { chunkings, cutBy, wires } from '../../support/arbitraries.js';
import { binary, continuation, labelOf, ping, sameFrames, text, wireOf } from '../../support/frames.js';
import { framesOf, GIVINGS, outcomeOf, type Parsing, reframed } from '../../support/parsing.js';
import { everyCut, everyExactCut, hex, owned } from '../../support/wire.js';

const KEY = hex`37fa213d`;
const noise = (size: number) => Buffer.from(Uint8Array.from({ length: size }, (_, at) => at * 31 + (at >> 8)));
const RULES: HeaderRules = { role: 'server', maxFrameBytes: Infinity, rsv1: false };
const sixOf = (frame: Buffer) => Buffer.concat(Array.from({ length: 6 }, () => frame));
const framed = (size: number) => wireOf(binary(Buffer.alloc(size, 1)), { key: KEY });

test('only a server has runs, since only clients mask, and only where there are vectors', () => {
  const rules = (role: HeaderRules['role']) => ({ ...RULES, role });
  expect([hasRuns(rules('server')), hasRuns(rules('client'))]).toEqual([true, false]);
  const before = Object.getOwnPropertyDescriptor(VectorKernel.prototype, 'isAvailable') as PropertyDescriptor;
  Object.defineProperty(VectorKernel.prototype, 'isAvailable', { ...before, get: () => false });
  expect(hasRuns(rules('server'))).toBe(false);
  Object.defineProperty(VectorKernel.prototype, 'isAvailable', before);
});

test('each frame of a run is a part that is first and last', () => {
  const parser = new FrameParser(RULES);
  parser.push(sixOf(framed(300)));
  const ends = Array.from({ length: 6 }, () => parser.next()).map((part) => [part?.first, part?.last]);
  expect(ends).toEqual(new Array(6).fill([true, true]));
});

describe('where a run begins', () => {
  /** `count` frames, and the first byte of another one. */
  const inARow = (count: number, size: number, next = 0x82) =>
    Buffer.concat([...Array.from({ length: count }, () => framed(size)), Buffer.of(next)]);

  test.each([0, 1, 125, 126, 127])('five frames of %d bytes before one of their kind, or a KiB of them', (size) => {
    expect(runAt(inARow(5, size), 0, RULES)).toBe(size);
    expect(runAt(inARow(5, size, 0x81), 0, RULES)).toBe(-1);
    expect(runAt(Buffer.concat([Buffer.alloc(9), inARow(5, size)]), 9, RULES)).toBe(size);
  });

  test('a KiB of frames before one of their kind, however few', () => {
    expect(runAt(inARow(1, 1_024), 0, RULES)).toBe(1_024);
    expect(runAt(inARow(2, 504), 0, RULES)).toBe(504);
    expect(runAt(inARow(2, 503), 0, RULES)).toBe(-1);
    expect(runAt(inARow(3, 503), 0, RULES)).toBe(503);
  });

  test('not at five frames at the end of the chunk', () => {
    expect(runAt(inARow(5, 10).subarray(0, -1), 0, RULES)).toBe(-1);
    expect(runAt(inARow(4, 10), 0, RULES)).toBe(-1);
  });

  test.each<[string, Buffer]>([
    ['alone', framed(5)],
    ['that is not whole', framed(5).subarray(0, -1)],
    ['of more than 1 KiB', inARow(6, 1_025)],
    ['before one of more than 1 KiB', Buffer.concat([framed(5), inARow(6, 1_025)])],
    ['of which there is one byte', hex`82`],
    ['before one of another kind', Buffer.concat([framed(5), sixOf(wireOf(text('a'), { key: KEY }))])],
    ['that is a fragment', sixOf(hex`02 81 37fa213d 00`)],
    ['that is a continuation', sixOf(hex`80 81 37fa213d 00`)],
    ['that is a ping', sixOf(hex`89 81 37fa213d 00`)],
    ['with RSV1', sixOf(hex`c2 81 37fa213d 00`)],
    ['with RSV2', sixOf(hex`a2 81 37fa213d 00`)],
    ['that is not masked', sixOf(hex`82 05 00 00 00 00 00`)],
  ])('not at a frame %s', (_, chunk) => {
    expect(runAt(chunk, 0, RULES)).toBe(-1);
    expect(reframeRun(hex`0000 ${chunk}`, 2, RULES, Infinity)).toBe(2);
  });

  test('not at a frame that is not masked, whatever lies before it', () => {
    const chunk = Buffer.concat([Buffer.alloc(200, 0x82), hex`82 01 82 01 82 01 82 01 82`]);
    expect(runAt(chunk, 200, RULES)).toBe(-1);
  });

  test('an end of the chunk is no frame', () => {
    expect(runAt(Buffer.alloc(0), 0, RULES)).toBe(-1);
    expect(runAt(framed(5), framed(5).length, RULES)).toBe(-1);
  });

  test('RSV1 is legal where an extension gives it a meaning, with nothing else', () => {
    const rules = { ...RULES, rsv1: true };
    expect(runAt(sixOf(hex`c1 81 37fa213d 00`), 0, rules)).toBe(1);
    expect(runAt(sixOf(hex`e1 81 37fa213d 00`), 0, rules)).toBe(-1);
    expect(runAt(sixOf(hex`81 81 37fa213d 00`), 0, rules)).toBe(1);
  });
});

test.each([
  [hex`82 83 00000000`, { opcode: 2, fin: true, rsv1: false, masked: true, length: 3 }, 6],
  [hex`81 fd 00000000`, { opcode: 1, fin: true, rsv1: false, masked: true, length: 125 }, 6],
  [hex`c1 fe 0400 00000000`, { opcode: 1, fin: true, rsv1: true, masked: true, length: 1_024 }, 8],
])('the header %j is read', (bytes, expected, size) => {
  const header = { ...emptyHeader(), fin: false, rsv1: expected.rsv1 === false };
  expect(readRunHeader(Buffer.concat([hex`ffff`, bytes]), 2, header)).toBe(size);
  expect(header).toMatchObject(expected);
});

/** Their wire form, and where each begins. */
function masked(frames: readonly Frame[]) {
  const parts = frames.map((frame, at) => wireOf(frame, { key: Buffer.of(at, 7, at * 3, 255) }));
  return { bytes: Buffer.concat(parts), starts: parts.map((_, at) => Buffer.concat(parts.slice(0, at)).length) };
}

describe('a run as a server sends it', () => {
  const binaries = (sizes: readonly number[]) => sizes.map((size) => binary(Buffer.alloc(size, 1)));
  const inARow = [5, 5, 5, 5, 5, 5, 10, 11, 1_024, 1_025, 5];

  test.each<[string, number, number, Partial<HeaderRules>]>([
    ['than the caller allows', 7, 10, {}],
    ['than the rules allow', 7, Infinity, { maxFrameBytes: 10 }],
    ['than both allow', 6, 9, { maxFrameBytes: 10 }],
    ['than 1 KiB', 9, Infinity, {}],
  ])('ends before a message of more bytes %s', (_, count, most, rules) => {
    const chunk = hex`${noise(9)} ${masked(binaries(inARow)).bytes}`;
    const run = binaries(inARow.slice(0, count));
    expect(reframeRun(chunk, 9, { ...RULES, ...rules }, most)).toBe(9 + masked(run).bytes.length);
    expect(sameFrames(reframed(), run)).toBe(true);
  });

  test.each([
    [text, {}, 7],
    [text, { rsv1: true }, 7],
    [binary, {}, 9],
  ])('ends before a text that is not ASCII: %p %j', (make, bits, count) => {
    const frames = [...'abcdefg', 'é', 'h'].map((payload) => ({ ...make(payload), ...bits }));
    reframeRun(masked(frames).bytes, 0, { ...RULES, rsv1: true }, Infinity);
    expect(reframed().map(labelOf)).toEqual(frames.slice(0, count).map(labelOf));
  });

  test('has no more than fits in a step', () => {
    const most = Math.floor(STEP_BYTES / 106);
    expect(reframeRun(masked(binaries(new Array(400).fill(100))).bytes, 0, RULES, Infinity)).toBe(most * 106);
  });
});

/** Frames of one kind in a row, then others. */
function stretches(): fc.Arbitrary<Frame[]> {
  const payload = fc.oneof({ weight: 4, arbitrary: fc.nat(40) }, fc.nat(300), fc.nat(1_100)).map(noise);
  const some = (make: (payload: Buffer) => Frame[], most: number) =>
    fc.array(payload.map(make), { minLength: 1, maxLength: most }).map((list) => list.flat());
  const stretch = fc.oneof(
    { weight: 4, arbitrary: some((bytes) => [binary(bytes)], 30) },
    { weight: 2, arbitrary: some((bytes) => [text('a'.repeat(bytes.length))], 30) },
    some((bytes) => [ping(bytes.subarray(0, 125).toString('latin1').slice(0, 50))], 2),
    some((bytes) => [binary(bytes, false), continuation(bytes)], 8),
  );
  return fc.array(stretch, { maxLength: 6 }).map((list) => list.flat());
}

test.each(GIVINGS)(
  'frames in a row come as they were sent, with others between them, however the wire is cut: %s',
  (mode) => {
    const law = fc.property(stretches(), chunkings(), (frames, chunking) => {
      const wire = masked(frames);
      for (const chunks of [[wire.bytes], cutBy(chunking, wire)]) {
        expect(sameFrames(framesOf(owned(chunks), { role: 'server', mode }), frames)).toBe(true);
      }
    });
    fc.assert(law, { numRuns: 120 });
  },
);

describe('a parser that passes over runs', () => {
  test.each(GIVINGS)(
    'comes to the same frames, and to the same error behind them, however the wire is cut: %s',
    (mode) => {
      const law = fc.property(
        stretches(),
        chunkings(),
        fc.integer({ min: 1, max: 1_100 }),
        (frames, chunking, most) => {
          const { bytes, starts } = masked(frames);
          const wire = { bytes: hex`${bytes} 8380`, starts };
          for (const chunks of [[wire.bytes], cutBy(chunking, wire)]) {
            const parsing: Parsing = { role: 'server', mode };
            const [all, some] = [{}, { passesOver: most }].map((how) =>
              outcomeOf(owned(chunks), { ...parsing, ...how }),
            );
            expect(sameFrames(some?.frames as Frame[], all?.frames as Frame[])).toBe(true);
            expect([all?.failure?.code, some?.failure]).toEqual(['ERR_WS_RESERVED_OPCODE', all?.failure]);
          }
        },
      );
      fc.assert(law, { numRuns: 60 });
    },
  );

  test('counts them, and goes on behind them', () => {
    const parser = new FrameParser(RULES);
    parser.push(hex`${wireOf(ping(), { key: KEY })} ${sixOf(framed(7))} ${framed(20)}`);
    expect([parser.next()?.header.length, parser.offset, parser.frame]).toEqual([0, 0, 0]);
    expect([parser.passRun(7), parser.offset, parser.frame, parser.pendingBytes]).toEqual([6, 84, 7, 26]);
    expect([parser.next()?.header.length, parser.offset, parser.frame, parser.next()]).toEqual([20, 84, 7, null]);
  });
});

test('without vectors the same frames come, however the wire is cut', () => {
  const before = Object.getOwnPropertyDescriptor(VectorKernel.prototype, 'isAvailable') as PropertyDescriptor;
  Object.defineProperty(VectorKernel.prototype, 'isAvailable', { ...before, get: () => false });
  try {
    const law = fc.property(wires('client', { maxBytes: 17_000 }), chunkings(), (wire, chunking) => {
      for (const mode of GIVINGS) {
        expect(sameFrames(framesOf(owned(cutBy(chunking, wire)), { role: 'server', mode }), wire.frames)).toBe(true);
      }
    });
    fc.assert(law, { numRuns: 100 });
  } finally {
    Object.defineProperty(VectorKernel.prototype, 'isAvailable', before);
  }
});

describe.each(GIVINGS)('bytes that look like small frames in a row are none where no frame begins: %s', (mode) => {
  const small = wireOf(binary(noise(3)), { key: KEY });
  const row = Buffer.concat(Array.from({ length: 8 }, () => small));
  // Each `82 80` begins an empty frame, if one takes what stands before it for a frame.
  const empties = Buffer.concat([hex`0000`, ...Array.from({ length: 8 }, () => hex`828000000000`)]);
  const behindKey = Buffer.from(empties.map((byte, at) => byte ^ ([0x82, 0x80][at & 3] ?? 0)));

  test.each([
    ['in a payload', wireOf(binary(row), { key: hex`00000000` }), binary(row)],
    ['in a key', hex`82 b2 82800000 ${empties}`, binary(behindKey)],
  ])('%s', (_, wire, frame) => {
    for (const cut of everyCut(wire)) {
      expect(sameFrames(framesOf(owned(cut), { role: 'server', mode }), [frame])).toBe(true);
    }
  });

  test('while a fragmented message is open, they are the wrong frames', () => {
    const wire = Buffer.concat([wireOf(binary(noise(3), false), { key: KEY }), row]);
    for (const cut of everyExactCut(wire)) {
      const { frames, failure } = outcomeOf(owned(cut), { role: 'server', mode });
      expect(frames).toHaveLength(1);
      expect(failure).toMatchObject({ code: 'ERR_WS_CONTINUATION_EXPECTED', facts: { offset: 9, frame: 1 } });
    }
  });
});
