import fc from 'fast-check';
import type { Frame } from '../../../src/codec/frame.js';
import { chunkings, cutBy, wires } from '../../support/arbitraries.js';
import { frameOf, labelOf, ping, sameFrames, wireOf } from '../../support/frames.js';
import { framesOf, outcomeOf } from '../../support/parsing.js';
import { byteByByte, cutAt, everyCut, hex, inChunksOf } from '../../support/wire.js';

/** Joins runs of fragments into what they mean: one entry a message or control frame. */
function meaningOf(frames: readonly Frame[]): Frame[] {
  const meant: Frame[] = [];
  const open: Frame[] = [];
  for (const frame of frames) {
    if (frame.opcode >= 8) meant.push(frame);
    else open.push(frame);
    if (frame.opcode >= 8 || !frame.fin) continue;
    const [first = frame, ...rest] = open.splice(0);
    expect(rest.map(({ opcode }) => opcode)).toEqual(rest.map(() => 0));
    meant.push({ ...first, fin: true, payload: Buffer.concat([first, ...rest].map(({ payload }) => payload)) });
  }
  return meant;
}

test('split frames are a legal sequence again, and mean the same, however the wire is cut', () => {
  const roles = fc.constantFrom('client', 'server');
  const cases = roles.chain((from) => fc.tuple(fc.constant(from), wires(from, { maxBytes: 5_000 }), chunkings()));
  const law = fc.property(cases, fc.constantFrom('copy', 'in-place'), ([from, wire, chunking], mode) => {
    const role = from === 'client' ? 'server' : 'client';
    const chunks = cutBy(chunking, { ...wire, bytes: Buffer.from(wire.bytes) });
    const split = framesOf(chunks, { role, mode, splitFrames: true });
    expect(sameFrames(meaningOf(split), meaningOf(wire.frames))).toBe(true);
    // A parser is the judge of a legal sequence.
    const again = framesOf([Buffer.concat(split.map((frame) => wireOf(frame)))], { role: 'client' });
    expect(sameFrames(again, split)).toBe(true);
  });
  fc.assert(law, { numRuns: 120 });
});

describe.each(['copy', 'in-place', 'passed-on'] as const)('parts that are left masked, %s', (mode) => {
  /** Chunks that are not to be read any more once the next one is there, where they are only borrowed. */
  function* lent(chunks: readonly Buffer[]): Generator<Buffer> {
    for (const chunk of chunks) {
      const memory = Buffer.from(new ArrayBuffer(chunk.length));
      chunk.copy(memory);
      yield memory;
      if (mode !== 'copy') continue;
      expect(memory.equals(chunk)).toBe(true);
      memory.fill(0);
    }
  }

  test('make the same frames as others, however the wire is cut', () => {
    const roles = fc.constantFrom('client', 'server');
    const cases = roles.chain((from) => fc.tuple(fc.constant(from), wires(from, { maxBytes: 5_000 }), chunkings()));
    const left = fc.constantFrom('binary', 'data');
    const law = fc.property(cases, left, ([from, wire, chunking], leftMasked) => {
      const role = from === 'client' ? 'server' : 'client';
      const chunks = cutBy(chunking, wire).map((chunk) => Buffer.from(chunk));
      expect(sameFrames(framesOf(lent(chunks), { role, mode, leftMasked }), wire.frames)).toBe(true);
    });
    fc.assert(law, { numRuns: 100 });
  });

  test.each([[[65_536]], [[1, 13, 20_001, 65_536]], [[99_999]], [[3, 100_000]], [[16_400, 16_400, 150_000]]])(
    'of a large frame, cut after %p',
    (cuts) => {
      const frame = frameOf(2, Buffer.from(Array.from({ length: 200_000 }, (_, at) => (at * 31) >> 3)));
      const wire = Buffer.concat([wireOf(frame, { key: hex`37fa213d` }), wireOf(ping('!'), { key: hex`01020304` })]);
      const chunks = inChunksOf(65_536, wire).flatMap((chunk) =>
        cutAt(
          chunk,
          cuts.filter((at) => at < chunk.length),
        ),
      );
      const frames = framesOf(lent(chunks), { role: 'server', mode, leftMasked: 'data' });
      expect(sameFrames(frames, [frame, ping('!')])).toBe(true);
    },
  );
});

test('fragments leave as their bytes arrive; only the first has the opcode and RSV1, only the last FIN', () => {
  const frames = framesOf(byteByByte(hex`c1 03 414243`), { role: 'client', splitFrames: true, rsv1: true });
  expect(frames).toEqual([
    frameOf(1, 'A', { fin: false, rsv1: true }),
    frameOf(0, 'B', { fin: false }),
    frameOf(0, 'C'),
  ]);
});

test('a frame without FIN has no fragment with FIN, and a continuation stays one', () => {
  const wire = hex`01 02 4142 80 02 4344`;
  for (const cut of everyCut(wire)) {
    const frames = framesOf(cut, { role: 'client', splitFrames: true });
    const joined = frames.map(({ payload }) => payload.toString()).join('');
    expect([joined, frames.filter(({ fin }) => fin).length, frames.at(-1)?.fin]).toEqual(['ABCD', 1, true]);
    expect(frames.map(({ opcode }) => opcode)).toEqual(frames.map((_, at) => (at === 0 ? 1 : 0)));
  }
});

test('an empty frame is one fragment; a header alone is none', () => {
  const options = { role: 'client', splitFrames: true } as const;
  expect(framesOf([hex`8100`], options).map(labelOf)).toEqual(['1 ']);
  expect(framesOf([hex`8101`], options)).toEqual([]);
});

test.each([true, false])('control frames are always whole, splitFrames %s', (splitFrames) => {
  for (const cut of everyCut(hex`89 05 48656c6c6f`)) {
    expect(framesOf(cut, { role: 'client', splitFrames }).map(labelOf)).toEqual([labelOf(ping('Hello'))]);
  }
});

test('whole frames hold what has come of the frame, split ones nothing; clear lets go of it', () => {
  const wire = hex`82 0a 0102030405`;
  const whole = outcomeOf(byteByByte(wire), { role: 'client' }).assembler;
  const split = outcomeOf(byteByByte(wire), { role: 'client', splitFrames: true }).assembler;
  expect([whole.heldBytes, split.heldBytes]).toEqual([5, 0]);
  whole.clear();
  expect(whole.heldBytes).toBe(0);
});
