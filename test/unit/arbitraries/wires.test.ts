import fc from 'fast-check';
import { describeBytes, hostileWires, joined, wires } from '../../../src/arbitraries/wires.js';
import { labelOf, ping, readWire, text } from '../../support/frames.js';
import { outcomeOf } from '../../support/parsing.js';
import { hex } from '../../support/wire.js';

test.each(['client', 'server'] as const)('the bytes of a wire from a %s read back as its frames', (from) => {
  const law = fc.property(wires(from), ({ frames, bytes, starts }) => {
    const read = readWire(bytes);
    expect(read.map(({ frame }) => labelOf(frame))).toEqual(frames.map(labelOf));
    expect(read.every(({ key }) => (key !== null) === (from === 'client'))).toBe(true);
    const sizes = read.map(({ size }) => size);
    expect(starts).toEqual(sizes.map((_, at) => sizes.slice(0, at).reduce((sum, size) => sum + size, 0)));
  });
  fc.assert(law);
});

test('frames take the keys in turn', () => {
  const keys = [hex`00000001`, hex`00000002`];
  const { bytes, starts } = joined([ping(), ping(), ping()], 'client', keys);
  expect(bytes).toEqual(hex`8980 00000001 8980 00000002 8980 00000001`);
  expect(starts).toEqual([0, 6, 12]);
  expect(joined([text('a')], 'server', keys).bytes).toEqual(hex`8101 61`);
});

test('hostile wires are often illegal, and often not at once', () => {
  const outcomes = fc
    .sample(hostileWires('client', { maxBytes: 60 }), 400)
    .map((bytes) => outcomeOf([bytes], { role: 'server' }));
  expect(outcomes.filter(({ failure }) => failure !== null).length).toBeGreaterThan(50);
  expect(outcomes.some(({ failure, frames }) => failure !== null && frames.length > 0)).toBe(true);
});

test('a wire reads as frames and hex', () => {
  const { counterexample } = fc.check(
    fc.property(wires('server'), () => false),
    { seed: 3 },
  );
  expect(String(counterexample?.[0])).toMatch(/^\w+ "" = [0-9a-f]{4}$/);
  expect(describeBytes(Buffer.alloc(65))).toBe(`${'00'.repeat(64)}… (65 bytes)`);
});
