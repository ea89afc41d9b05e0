/** Each maker on its own; broken-wires.test.ts runs them through the codec. */
import { inflateRawSync } from 'node:zlib';
import fc from 'fast-check';
import * as breaches from '../../../src/arbitraries/payload-breaches.js';
import { decodeClose, isWireCloseCode } from '../../../src/codec/close-code.js';
import { readWire } from '../../support/frames.js';
import { thrownBy } from '../../support/parsing.js';
import { hex } from '../../support/wire.js';

const about = {
  to: 'client',
  key: hex`37fa213d`,
  open: false,
  deflate: true,
  maxFrameBytes: 100,
  maxMessageBytes: 250,
} as const;

test('half a close code', () => {
  fc.assert(fc.property(breaches.closeTruncated(about), ({ bytes }) => bytes.length === 3 && bytes[1] === 1));
});

test('close codes that must not be sent', () => {
  const law = fc.property(breaches.closeCodeInvalid(about), ({ bytes, proof }) => {
    const payload = readWire(bytes)[0]?.frame.payload ?? hex``;
    expect(isWireCloseCode(payload.readUInt16BE(0))).toBe(false);
    expect(thrownBy(() => decodeClose(payload))).toMatchObject({ code: 'ERR_WS_CLOSE_CODE_INVALID' });
    expect(proof).toBe(bytes.length - 1);
  });
  fc.assert(law);
});

test('bad text comes in one frame, in fragments, and in the reason of a close, which is all that fits an open message', () => {
  const opcodes = fc
    .sample(breaches.invalidUtf8(about), 200)
    .map(({ bytes }) => readWire(bytes).map(({ frame }) => frame.opcode));
  expect(opcodes).toEqual(expect.arrayContaining([[1], [8], expect.arrayContaining([1, 9, 0])]));
  const open = fc.sample(breaches.invalidUtf8({ ...about, open: true }), 50);
  expect(open.every(({ bytes }) => bytes[0] === 0x88)).toBe(true);
});

test('a message grows past the limit in frames that keep to theirs, and not before the last', () => {
  const law = fc.property(breaches.messageTooBig(about), ({ bytes, proof, starts }) => {
    const sizes = readWire(bytes).map(({ frame }) => frame.payload.length);
    expect(sizes.slice(0, -1)).toEqual([100, 100, 50]);
    expect(Math.max(...sizes)).toBeLessThanOrEqual(100);
    expect(proof).toBe((starts.at(-1) ?? 0) + 1);
  });
  fc.assert(law);
});

test('compressed data that zlib refuses', () => {
  const law = fc.property(breaches.invalidDeflate(about), ({ bytes }) => {
    const [{ frame } = { frame: null }] = readWire(bytes);
    expect(frame?.rsv1).toBe(true);
    expect(() => inflateRawSync(Buffer.concat([frame?.payload ?? hex``, hex`0000ffff`]))).toThrow();
  });
  fc.assert(law);
});
