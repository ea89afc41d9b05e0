import fc from 'fast-check';
import { chunkings, cutBy } from '../../../../src/arbitraries/chunkings.js';
import { brokenCompressedWires, compressedWires } from '../../../../src/arbitraries/stream/compressed-wires.js';
import type { Role } from '../../../../src/codec/frame.js';
import { ours } from '../../../fuzz/support/ours.js';

const ROLES: readonly Role[] = ['server', 'client'];
const other = (role: Role): Role => (role === 'server' ? 'client' : 'server');
const terms = fc.record({ windowBits: fc.integer({ min: 8, max: 15 }), takeover: fc.boolean() });
const eventOf = (message: { type: string; payload: Buffer }) =>
  `${message.type} ${message.type === 'text' ? message.payload.toString() : message.payload.toString('latin1')}`;

describe.each(ROLES)('to a %s', (role) => {
  test('legal wires give their messages, in order, however they are cut', () => {
    const law = fc.property(
      terms.chain((one) => fc.tuple(fc.constant(one), compressedWires(other(role), one))),
      chunkings(),
      ([deflate, wire], chunking) => {
        const outcome = ours({ role, limitBytes: 10_000, deflate }, cutBy(chunking, wire));
        const data = outcome.events.filter((event) => !/^p[io]ng /.test(event));
        expect([outcome.code, data]).toEqual(['', wire.messages.map(eventOf)]);
      },
    );
    fc.assert(law, { numRuns: 300 });
  });

  test('broken wires give the messages before the violation, and its code, however they are cut', () => {
    const limitBytes = 500;
    const seen = new Set<string>();
    const law = fc.property(
      terms.chain((one) =>
        fc.tuple(fc.constant(one), brokenCompressedWires(role, { ...one, maxMessageBytes: limitBytes })),
      ),
      chunkings(),
      ([deflate, wire], chunking) => {
        const outcome = ours({ role, limitBytes, deflate }, cutBy(chunking, wire));
        seen.add(outcome.code);
        const data = outcome.events.filter((event) => !/^p[io]ng /.test(event));
        expect([outcome.code, outcome.closeCode]).toEqual([`ERR_WS_${wire.violation}`, wire.closeCode]);
        expect(data).toEqual(wire.messages.map(eventOf));
      },
    );
    fc.assert(law, { numRuns: 400 });
    expect(seen.size).toBe(4);
  });

  test('RSV1 on a continuation is refused on its first byte, and not before', () => {
    const wires = brokenCompressedWires(role, { violations: ['RESERVED_BIT'] });
    const law = fc.property(wires, ({ bytes, proof }) => {
      const upTo = (size: number) =>
        ours({ role, limitBytes: 10_000, deflate: { windowBits: 15, takeover: true } }, [bytes.subarray(0, size)]).code;
      expect([upTo(proof), upTo(proof + 1)]).toEqual(['', 'ERR_WS_RESERVED_BIT']);
    });
    fc.assert(law);
  });
});

test('without a limit there is no message that is too large', () => {
  const sample = fc.sample(brokenCompressedWires('server'), 200);
  expect(new Set(sample.map(({ violation }) => violation))).toEqual(
    new Set(['INVALID_DEFLATE', 'INVALID_UTF8', 'RESERVED_BIT']),
  );
});

test('labels say the violation, the frames and the bytes; shrinking leaves nothing before it', () => {
  const { counterexample } = fc.check(
    fc.property(brokenCompressedWires('client', { violations: ['INVALID_DEFLATE'] }), () => false),
    { seed: 1 },
  );
  expect(String(counterexample?.[0])).toMatch(/^INVALID_DEFLATE, .+: binary \+rsv1 .+ = c2[0-9a-f]+$/);
  expect(String(fc.sample(compressedWires('server'), 1)[0])).toContain(' = ');
});
