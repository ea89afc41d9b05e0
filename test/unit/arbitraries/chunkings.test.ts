import fc from 'fast-check';
import { byteByByte, chunkings, cutAt, cutBy } from '../../../src/arbitraries/chunkings.js';
import { wires } from '../../../src/arbitraries/wires.js';
import { text, wireOf } from '../../support/frames.js';
import { hex } from '../../support/wire.js';

const frames = [text('aé'), text('b')];
const bytes = Buffer.concat(frames.map((frame) => wireOf(frame)));
const wire = { bytes, starts: [0, 5], frames };

test('chunks joined are the wire', () => {
  const law = fc.property(wires('client', { maxBytes: 17_000 }), chunkings(), (one, chunking) => {
    expect(Buffer.concat(cutBy(chunking, one)).equals(one.bytes)).toBe(true);
  });
  fc.assert(law, { numRuns: 200 });
});

test('every place within a header, before and after a frame, and within a character, is cut at', () => {
  const cuts = fc.sample(chunkings(), 500).flatMap((chunking) => {
    if (chunking.way !== 'at places') return [];
    let at = 0;
    return cutBy(chunking, wire).map((chunk) => (at += chunk.length));
  });
  expect([...new Set(cuts)].sort((a, b) => a - b)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8]);
});

test('a place near a character lies within it, masked or not', () => {
  const places = [{ near: 'character', frame: 0, byte: 0 }] as const;
  expect(cutBy({ way: 'at places', places }, wire)).toEqual([hex`81 03 61c3`, hex`a9 81 01 62`]);
  const key = hex`01020304`;
  const masked = { bytes: wireOf(text('aé'), { key }), starts: [0], frames: [text('aé')] };
  expect(cutBy({ way: 'at places', places }, masked)[0]).toHaveLength(8);
});

test('a chunking shrinks to the whole wire, and says what it is', () => {
  const { counterexample } = fc.check(
    fc.property(chunkings(), () => false),
    { seed: 1 },
  );
  expect(String(counterexample?.[0])).toBe('whole');
  const places = [{ near: 'start', frame: 1, byte: 2 }] as const;
  const found = fc.sample(chunkings(), 200).map(String);
  expect(found.some((says) => /^cut at start of frame \d+ \+?-?\d+/.test(says))).toBe(true);
  expect(cutBy({ way: 'at places', places }, wire)).toEqual([hex`81 03 61c3a9 81 01`, hex`62`]);
});

test('cutAt keeps empty pieces, byteByByte makes none', () => {
  expect(cutAt(hex`0102`, [0, 1, 1])).toEqual([hex``, hex`01`, hex``, hex`02`]);
  expect(byteByByte(hex`0102`)).toEqual([hex`01`, hex`02`]);
});
