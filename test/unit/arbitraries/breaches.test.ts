/** Each maker on its own: what it makes is broken by that rule for both receivers. broken-wires.test.ts has the rest. */
import fc from 'fast-check';
import type { BreachMaker } from '../../../src/arbitraries/breach.js';
import * as breaches from '../../../src/arbitraries/breaches.js';
import { outcomeOf } from '../../support/parsing.js';
import { hex } from '../../support/wire.js';

const about = { key: hex`37fa213d`, open: false, deflate: false, maxFrameBytes: 1_000, maxMessageBytes: 1_000 };

describe.each(['client', 'server'] as const)('to a %s', (to) => {
  const either: readonly (readonly [name: string, make: BreachMaker])[] = [
    ['RESERVED_OPCODE', breaches.reservedOpcode],
    ['RESERVED_BIT', breaches.reservedBit],
    ['LENGTH_NOT_MINIMAL', breaches.lengthNotMinimal],
    ['LENGTH_SIGN_BIT', breaches.lengthSignBit],
    ['CONTROL_FRAGMENTED', breaches.controlFragmented],
    ['CONTROL_TOO_LONG', breaches.controlTooLong],
    ['CONTINUATION_UNEXPECTED', breaches.continuationUnexpected],
    ['FRAME_TOO_BIG', breaches.frameTooBig],
    to === 'server' ? ['MASK_MISSING', breaches.maskMissing] : ['MASK_UNEXPECTED', breaches.maskUnexpected],
  ];

  test.each(either)('%s', (name, make) => {
    const law = fc.property(make({ ...about, to }), ({ bytes }) => {
      expect(outcomeOf([bytes], { role: to, maxFrameBytes: 1_000 }).failure?.code).toBe(`ERR_WS_${name}`);
    });
    fc.assert(law, { numRuns: 50 });
  });

  test('CONTINUATION_EXPECTED, behind a fragment', () => {
    const begun = to === 'server' ? hex`0280 37fa213d` : hex`0200`;
    const law = fc.property(breaches.continuationExpected({ ...about, to, open: true }), ({ bytes }) => {
      expect(outcomeOf([begun, bytes], { role: to }).failure?.code).toBe('ERR_WS_CONTINUATION_EXPECTED');
    });
    fc.assert(law, { numRuns: 50 });
  });

  test('no reserved bit that permessage-deflate allows', () => {
    const law = fc.property(breaches.reservedBit({ ...about, to, deflate: true }), ({ bytes }) => {
      expect(outcomeOf([bytes], { role: to, rsv1: true }).failure?.code).toBe('ERR_WS_RESERVED_BIT');
    });
    fc.assert(law, { numRuns: 200 });
  });
});
