import fc from 'fast-check';
import {
  closeFor,
  decodeClose,
  encodeClose,
  isWireCloseCode,
  MAX_REASON_BYTES,
} from '../../../src/codec/close-code.js';
import { ProtocolError, UsageError, violation } from '../../../src/errors.js';
import { closeCodes, texts } from '../../support/arbitraries.js';
import { thrownBy } from '../../support/parsing.js';
import { hex } from '../../support/wire.js';

test('the codes on the wire are 1000-1003, 1007-1014 and 3000-4999, and no others', () => {
  const legal = Array.from({ length: 65_536 }, (_, code) => code).filter(isWireCloseCode);
  const range = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, at) => from + at);
  expect(legal).toEqual([...range(1000, 1003), ...range(1007, 1014), ...range(3000, 4999)]);
  expect([1000.5, Number.NaN, -1000, Infinity].filter(isWireCloseCode)).toEqual([]);
});

test('any close that may be sent is read back', () => {
  const law = fc.property(closeCodes(), texts({ maxBytes: MAX_REASON_BYTES }), (code, reason) => {
    const payload = encodeClose(code, reason);
    expect(payload.length).toBeLessThanOrEqual(125);
    expect(decodeClose(payload)).toEqual({ code, reason });
  });
  fc.assert(law, { numRuns: 200 });
});

test('no code is an empty payload, which reads as 1005', () => {
  expect([encodeClose(), encodeClose(1005)]).toEqual([hex``, hex``]);
  expect(decodeClose(hex``)).toEqual({ code: 1005, reason: '' });
});

test.each([
  ['one byte', hex`03`, 'ERR_WS_CLOSE_TRUNCATED', 1002],
  ['code 999', hex`03e7`, 'ERR_WS_CLOSE_CODE_INVALID', 1002],
  ['code 1005', hex`03ed`, 'ERR_WS_CLOSE_CODE_INVALID', 1002],
  ['code 1006', hex`03ee`, 'ERR_WS_CLOSE_CODE_INVALID', 1002],
  ['code 1015', hex`03f7`, 'ERR_WS_CLOSE_CODE_INVALID', 1002],
  ['code 5000', hex`1388`, 'ERR_WS_CLOSE_CODE_INVALID', 1002],
  ['a reason that is not UTF-8', hex`03e8 ff`, 'ERR_WS_INVALID_UTF8', 1007],
  ['a reason that ends within a character', hex`03e8 e282`, 'ERR_WS_INVALID_UTF8', 1007],
])('%s fails, with the facts that it was given', (_, payload, code, closeCode) => {
  const error = thrownBy(() => decodeClose(payload, { frame: 4 }));
  expect(error).toBeInstanceOf(ProtocolError);
  expect(error).toMatchObject({ code, closeCode, facts: { frame: 4 } });
});

test('123 bytes of reason fit, 124 do not, however many characters they are', () => {
  expect(encodeClose(1000, 'é'.repeat(61)).length).toBe(124);
  expect(encodeClose(1000, `${'é'.repeat(61)}x`).length).toBe(125);
  expect(() => encodeClose(1000, 'é'.repeat(62))).toThrow(UsageError);
});

test.each([[999], [1004], [1006], [1015], [5000], [1000.5], ['1000'], [null], [[1000]], [{}]])(
  'the code %j is a UsageError',
  (code) => {
    expect(() => encodeClose(code as number, 'bye')).toThrow(UsageError);
  },
);

test.each([[5], [1_000], [null], [[98, 121, 101]], [{ length: 20 }], [Buffer.from('bye')]])(
  'the reason %p is a UsageError',
  (reason) => {
    expect(() => encodeClose(1000, reason as unknown as string)).toThrow(UsageError);
  },
);

test('a reason without a code is a UsageError', () => {
  expect(() => encodeClose(undefined, 'bye')).toThrow(UsageError);
});

test('an error of ours tells the peer its code and its sentence, any other only 1011', () => {
  expect(closeFor(violation('INVALID_UTF8', { byte: 3 }))).toEqual({
    code: 1007,
    reason: 'Text is not valid UTF-8 (byte 3).',
  });
  expect(closeFor(new Error('secret'))).toEqual({ code: 1011, reason: '' });
});

test('without an error, or with one that has no code for the wire, nothing is said', () => {
  for (const error of [null, violation('CUT_OFF'), violation('PEER_CLOSED')]) expect(closeFor(error)).toBeNull();
});

test('a mistake with a close is explained', () => {
  expect(() => encodeClose(1006)).toThrow(
    expect.objectContaining({ message: 'This close code must not be sent.', facts: { code: 1006 } }),
  );
  expect(() => encodeClose(1000, 5 as unknown as string)).toThrow('The reason of a close is a string.');
  expect(() => encodeClose(1000, 'x'.repeat(124))).toThrow(
    expect.objectContaining({
      message: expect.stringMatching(/^The reason of a close has at most 123 bytes/),
      facts: { bytes: 124 },
    }),
  );
  expect(thrownBy(() => decodeClose(hex`03e8 ff`))).toMatchObject({ facts: { inCloseReason: true } });
});

test('a sentence that is too long for a close is cut off', () => {
  expect(closeFor(violation('INVALID_UTF8', { long: 'x'.repeat(200) }))?.reason).toHaveLength(123);
});
