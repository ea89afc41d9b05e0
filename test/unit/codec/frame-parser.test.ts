import fc from 'fast-check';
import { FrameParser } from '../../../src/codec/frame-parser.js';
import { almostUtf8, chunkings, cutBy, hostileWires, wires } from '../../support/arbitraries.js';
import { binary, continuation, labelOf, ping, pong, sameFrames, text, wireOf } from '../../support/frames.js';
import { framesOf, GIVINGS, outcomeOf, type Parsing, yields } from '../../support/parsing.js';
import { PROVOCATIONS, PROVOKED_LIMITS } from '../../support/provocations.js';
import { byteByByte, everyCut, everyExactCut, hex, inChunksOf, owned, UNFINISHED } from '../../support/wire.js';

const KEY = hex`37fa213d`;
const noise = (size: number) => Buffer.from(Uint8Array.from({ length: size }, (_, at) => at * 31 + (at >> 8)));

/** The wires that RFC 6455 §5.7 prints, and the tutorial's "MDN". A client reads the unmasked ones. */
const EXAMPLES = [
  ['the tutorial’s 129 131 61 84 35 6 112 16 109', 'server', hex`81 83 3d542306 70106d`, [text('MDN')]],
  ['a masked "Hello"', 'server', hex`81 85 37fa213d 7f9f4d5158`, [text('Hello')]],
  ['an unmasked "Hello"', 'client', hex`81 05 48656c6c6f`, [text('Hello')]],
  ['"Hel" and "lo"', 'client', hex`01 03 48656c 80 02 6c6f`, [text('Hel', false), continuation('lo')]],
  ['an unmasked ping', 'client', hex`89 05 48656c6c6f`, [ping('Hello')]],
  ['a masked pong', 'server', hex`8a 85 37fa213d 7f9f4d5158`, [pong('Hello')]],
  ['256 bytes', 'client', hex`82 7e 0100 ${noise(256)}`, [binary(noise(256))]],
  ['256 bytes, masked', 'server', wireOf(binary(noise(256)), { key: KEY }), [binary(noise(256))]],
] as const;

test('the tutorial’s numbers are the bytes of the example', () => {
  expect(Buffer.from([129, 131, 61, 84, 35, 6, 112, 16, 109])).toEqual(EXAMPLES[0][2]);
});

describe.each(GIVINGS)('unmask: %s', (mode) => {
  test.each(EXAMPLES)('%s, read by a %s, at every cut, with and without trailing bytes', (_, role, wire, frames) => {
    for (const cut of everyCut(wire)) {
      expect(framesOf(owned(cut), { role, mode }).map(labelOf)).toEqual(frames.map(labelOf));
    }
  });

  test('the same frames come however the wire is cut', () => {
    const roles = fc.constantFrom('client', 'server');
    const cases = roles.chain((from) => fc.tuple(fc.constant(from), wires(from, { maxBytes: 17_000 }), chunkings()));
    const law = fc.property(cases, ([from, wire, chunking]) => {
      const role = from === 'client' ? 'server' : 'client';
      expect(sameFrames(framesOf(owned(cutBy(chunking, wire)), { role, mode }), wire.frames)).toBe(true);
    });
    fc.assert(law, { numRuns: 250 });
  });
});

describe('64 KiB', () => {
  const payload = noise(65_536);

  // Unmasking is what can go wrong; without it, every 7th cut meets every place in a word and a block.
  test.each([
    ['server', 1],
    ['client', 7],
  ] as const)('of binary, read by a %s, at every cut, step %d', (role, step) => {
    const wire = wireOf(binary(payload), role === 'server' ? { key: KEY } : {});
    const parser = new FrameParser({ role, maxFrameBytes: Infinity, rsv1: false });
    let wrong = 0;
    for (let at = 1; at < wire.length; at += at < 300 ? 1 : step) {
      if (!yields(parser, [wire.subarray(0, at), wire.subarray(at)], payload)) wrong++;
    }
    expect(wrong).toBe(0);
  });

  test.each(['client', 'server'] as const)('of binary, whole and with trailing bytes, read by a %s', (role) => {
    const wire = wireOf(binary(payload), role === 'server' ? { key: KEY } : {});
    for (const at of [1, 2, 3, 9, 10, 11, 13, 14, 15, 4_097, 65_535, wire.length - 1, wire.length]) {
      const frames = framesOf([wire.subarray(0, at), hex`${wire.subarray(at)} ${UNFINISHED}`], { role });
      expect(sameFrames(frames, [binary(payload)])).toBe(true);
    }
  });

  test.each([1, 2, 3, 5, 4_096, 8_191, 16_384])('in chunks of %d bytes, masked', (size) => {
    const wire = wireOf(binary(payload), { key: KEY });
    for (const mode of GIVINGS) {
      expect(sameFrames(framesOf(owned(inChunksOf(size, wire)), { role: 'server', mode }), [binary(payload)])).toBe(
        true,
      );
    }
  });
});

describe('whose memory it is', () => {
  test('in copy mode nothing is written into a borrowed chunk', () => {
    const law = fc.property(wires('client', { maxBytes: 17_000 }), chunkings(), (wire, chunking) => {
      const chunks = owned(cutBy(chunking, wire));
      const before = owned(chunks);
      framesOf(chunks, { role: 'server', mode: 'copy' });
      expect(chunks.every((chunk, at) => before[at]?.equals(chunk))).toBe(true);
    });
    fc.assert(law, { numRuns: 100 });
  });

  test.each(GIVINGS)('a frame never changes once it is out, whatever comes after it: %s', (mode) => {
    const one = wireOf(text('first'), { key: KEY });
    const chunk = Buffer.concat([one, one, one]);
    const parser = outcomeOf([chunk], { role: 'server', mode });
    const kept = parser.frames.map(labelOf);
    if (mode === 'copy') chunk.fill(0);
    framesOf([wireOf(binary(noise(5_000)), { key: KEY })], { role: 'server', mode });
    expect(parser.frames.map(labelOf)).toEqual(kept);
  });

  test.each(GIVINGS)('a payload of 20 bytes never holds on to a chunk of 64 KiB: %s', (mode) => {
    const small = wireOf(binary(noise(20)), { key: KEY });
    const chunk = Buffer.concat([small, wireOf(binary(noise(65_400)), { key: KEY }), small]);
    const [first, , last] = framesOf(inChunksOf(65_536, chunk), { role: 'server', mode });
    for (const frame of [first, last]) expect(frame?.payload.buffer.byteLength).toBeLessThanOrEqual(8_192);
  });

  test.each(GIVINGS)('small payloads of one chunk share copies of it, and hold on to little: %s', (mode) => {
    const sizes = Array.from({ length: 400 }, (_, at) => (at * 37) % 900);
    const wire = Buffer.concat(sizes.map((size) => wireOf(binary(noise(size)), { key: KEY })));
    const frames = framesOf(inChunksOf(65_536, wire), { role: 'server', mode });
    const payloads = frames.filter(({ payload }) => payload.length > 0).map(({ payload }) => payload);
    // A 64th of what is held, or 8 KiB, or 16; where a decoder only lends its chunks, never more than 8 KiB.
    const most = (size: number) => (mode === 'copy' ? 8_192 : Math.max(size < 64 ? 8_192 : 16_384, size * 64));
    expect(payloads.filter(({ buffer, length }) => buffer.byteLength > most(length))).toEqual([]);
    // 180 KB, not a piece for each of 400 frames.
    expect(new Set(payloads.map(({ buffer }) => buffer)).size).toBeLessThan(60);
    expect(frames.map(({ payload }) => payload.length)).toEqual(sizes);
  });

  test('in copy mode no payload holds on to more than 8 KiB or four times its size', () => {
    const law = fc.property(wires('client', { maxBytes: 70_000 }), chunkings(), (wire, chunking) => {
      for (const { payload } of framesOf(cutBy(chunking, wire), { role: 'server' })) {
        expect(payload.buffer.byteLength).toBeLessThanOrEqual(Math.max(8_192, payload.length * 4));
      }
    });
    fc.assert(law, { numRuns: 60 });
  });

  test('discard lets go of the chunk and keeps the place in the wire', () => {
    const parser = new FrameParser({ role: 'client', maxFrameBytes: Infinity, rsv1: false });
    parser.push(hex`8200 8200`);
    parser.next();
    expect(parser.pendingBytes).toBe(2);
    parser.discard();
    expect([parser.pendingBytes, parser.next(), parser.atBoundary]).toEqual([0, null, true]);
  });
});

describe('violations', () => {
  const found = PROVOCATIONS.filter(({ foundBy }) => foundBy === 'frames');

  test.each(found)('$name, read by a $role, at the byte that proves it, with the same facts at every cut', (row) => {
    const parsing: Parsing = { role: row.role, maxFrameBytes: PROVOKED_LIMITS.maxFrameBytes };
    expect(outcomeOf(byteByByte(row.wire.subarray(0, row.proof)), parsing).failure).toBeNull();
    const { failure } = outcomeOf(byteByByte(row.wire), parsing);
    expect(failure).toMatchObject({ code: `ERR_WS_${row.name}`, pushed: row.proof + 1, facts: { offset: row.proof } });
    for (const cut of everyExactCut(row.wire)) {
      const { code, facts } = outcomeOf(cut, parsing).failure ?? {};
      expect({ code, facts }).toEqual({ code: failure?.code, facts: failure?.facts });
    }
  });

  test('whatever a peer sends, every cut gives the same frames and the same error at the same place', () => {
    const law = fc.property(hostileWires('client', { maxBytes: 130 }), chunkings(), (bytes, chunking) => {
      const parsing: Parsing = { role: 'server', maxFrameBytes: 1_000 };
      const [whole, single, cut] = [[bytes], byteByByte(bytes), cutBy(chunking, { bytes, starts: [0, 2, 6, 14] })].map(
        (chunks) => {
          const { frames, failure } = outcomeOf(chunks, parsing);
          return { frames: frames.map(labelOf), code: failure?.code, facts: failure?.facts };
        },
      );
      expect([single, cut]).toEqual([whole, whole]);
    });
    fc.assert(law, { numRuns: 400 });
  });

  test('noise is an error of ours or nothing: it never throws anything else', () => {
    const law = fc.property(almostUtf8(), fc.constantFrom('client', 'server'), fc.boolean(), (bytes, role, rsv1) => {
      expect(() => outcomeOf([bytes], { role, rsv1 })).not.toThrow();
    });
    fc.assert(law, { numRuns: 200 });
  });
});

describe('where the wire may end', () => {
  test.each(EXAMPLES)('after %s, read by a %s, and nowhere within', (_, role, wire) => {
    for (let size = 1; size <= wire.length; size++) {
      expect(outcomeOf([wire.subarray(0, size)], { role }).parser.atBoundary).toBe(size === wire.length);
    }
  });

  test('not while a fragmented message is open, not even after a ping', () => {
    const { parser } = outcomeOf([hex`0100 8900`], { role: 'client' });
    expect(parser.atBoundary).toBe(false);
  });
});

test('a frame announces itself as soon as its header is here, and a part is what one chunk has of it', () => {
  const parser = new FrameParser({ role: 'client', maxFrameBytes: Infinity, rsv1: false });
  const seen: unknown[] = [];
  for (const chunk of [hex`82 03`, hex`01`, hex`02 03 82`]) {
    parser.push(chunk);
    for (let part = parser.next(); part !== null; part = parser.next()) {
      seen.push([part.first, part.last, part.end - part.start]);
    }
  }
  expect(seen).toEqual([
    [true, false, 0],
    [false, false, 1],
    [false, true, 2],
  ]);
});

test.each(['client', 'server'] as const)('offset and frame say where the current header stands, for a %s', (role) => {
  const wire = [text('one'), ping(), binary(noise(300))].map((frame) =>
    wireOf(frame, role === 'server' ? { key: KEY } : {}),
  );
  const bytes = Buffer.concat(wire);
  const before = bytes.length - (wire[2]?.length ?? 0);
  for (let size = before + (role === 'server' ? 8 : 4); size < bytes.length; size += 50) {
    const { parser } = outcomeOf(byteByByte(bytes.subarray(0, size)), { role });
    expect([parser.offset, parser.frame]).toEqual([before, 2]);
  }
  // The last one stays the current one until another begins.
  const { parser } = outcomeOf([bytes], { role });
  expect([parser.offset, parser.frame]).toEqual([before, 2]);
});

const row = Buffer.concat(new Array<Buffer>(12).fill(hex`828000000000`));

test.each([
  ['where the peer masks nothing', 'client', [hex`8200`, row]],
  ['within a frame', 'server', [hex`82c8 00000000`, row]],
  ['within a fragmented message', 'server', [hex`0280 00000000`, row]],
  ['behind a header that was cut', 'server', [hex`82c2`, row]],
  ['of a run that has begun', 'server', [row, hex``]],
] as const)('nothing is passed over %s', (_, role, [before, chunk]) => {
  const parser = new FrameParser({ role, maxFrameBytes: Infinity, rsv1: false });
  parser.push(before);
  for (let part = parser.next(); part !== null && chunk.length > 0; ) part = parser.next();
  if (chunk.length > 0) parser.push(chunk);
  expect(parser.passRun(1_024)).toBe(0);
});

test('within a message is from its first header to the end of its last fragment, control frames or not', () => {
  const within: boolean[] = [];
  const parser = new FrameParser({ role: 'client', maxFrameBytes: Infinity, rsv1: false });
  const wire = [ping('p'), text('ab', false), ping('p'), continuation('c')].map((frame) => wireOf(frame));
  for (const frame of wire) {
    for (const piece of [frame.subarray(0, 3), frame.subarray(3)]) {
      parser.push(piece);
      while (parser.next() !== null);
      within.push(parser.isWithinMessage);
    }
  }
  expect(within).toEqual([false, false, true, true, true, true, false, false]);
});
