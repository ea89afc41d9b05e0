import fc from 'fast-check';
import {
  close,
  continuation,
  describeFrame,
  frameOf,
  headerOf,
  ping,
  text,
  wireOf,
} from '../../../src/arbitraries/raw-frame.js';
import { frames } from '../../support/arbitraries.js';
import { labelOf, readWire } from '../../support/frames.js';
import { hex } from '../../support/wire.js';

const KEY = hex`37fa213d`;

test.each([
  [text('Hello'), {}, hex`81 05 48656c6c6f`],
  [text('Hello'), { key: KEY }, hex`81 85 37fa213d 7f9f4d5158`],
  [text('Hel', false), {}, hex`01 03 48656c`],
  [continuation('lo'), {}, hex`80 02 6c6f`],
  [close(1000, 'x'), {}, hex`88 03 03e8 78`],
  [frameOf(3, '', { rsv1: true, rsv3: true }), {}, hex`d3 00`],
  [ping(), { lengthBytes: 2 }, hex`89 7e 0000`],
  [ping(), { lengthBytes: 8 }, hex`89 7f 0000000000000000`],
] as const)('%s is written as RFC 6455 §5.7 prints it', (frame, form, wire) => {
  expect(wireOf(frame, form)).toEqual(wire);
});

test('what is written reads back, in the shortest form', () => {
  const law = fc.property(frames({ maxBytes: 70_000 }), fc.constantFrom(undefined, KEY), (frame, key) => {
    const [read] = readWire(wireOf(frame, { key }));
    expect(read && labelOf(read.frame)).toBe(labelOf(frame));
    expect(read?.lengthBytes).toBe(frame.payload.length < 126 ? 0 : frame.payload.length < 65_536 ? 2 : 8);
  });
  fc.assert(law, { numRuns: 100 });
});

test('a header announces lengths that no payload has', () => {
  expect(headerOf(frameOf(2), 2n ** 63n, {})).toEqual(hex`82 7f 8000000000000000`);
  expect(headerOf(frameOf(2), 126, { key: KEY })).toEqual(hex`82 fe 007e 37fa213d`);
});

test.each([
  [text('Hel', false), 'text "Hel" …'],
  [frameOf(2, hex`0102`, { rsv1: true }), 'binary +rsv1 0102'],
  [ping('x'.repeat(30)), 'ping of 30 bytes'],
  [frameOf(11), 'opcode 11 ""'],
])('%s reads as %s', (frame, says) => {
  expect(describeFrame(frame)).toBe(says);
});
