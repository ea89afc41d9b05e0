import fc from 'fast-check';
import type { Opcode, Role } from '../../../src/codec/frame.js';
import { emptyHeader, firstByte, headerBytes, readHeader, writeHeader } from '../../../src/codec/header.js';
import { WebSocketError } from '../../../src/errors.js';
import { thrownBy } from '../../support/parsing.js';
import { hex } from '../../support/wire.js';

const START = { offset: 0, frame: 0 };

interface Rules {
  readonly role?: Role;
  readonly maxFrameBytes?: number;
  readonly rsv1?: boolean;
  readonly open?: boolean;
  readonly available?: number;
}

/** Reads the header at the start of `bytes`; null while it is not complete. */
function read(bytes: Buffer, rules: Rules = {}) {
  const { role = 'client', maxFrameBytes = Infinity, rsv1 = false, open = false, available = bytes.length } = rules;
  const header = emptyHeader();
  const size = readHeader(bytes, 0, available, { role, maxFrameBytes, rsv1 }, open, START, header);
  return size === 0 ? null : { size, ...header };
}

/** The violation of a header and the index of the byte that proves it, found by giving it one byte more at a time. */
function verdict(bytes: Buffer, rules: Rules = {}): string {
  for (let available = 0; available <= bytes.length; available++) {
    try {
      if (read(bytes, { ...rules, available }) !== null) return 'legal';
    } catch (error) {
      if (!(error instanceof WebSocketError)) throw error;
      const whole = thrownBy(() => read(bytes, rules)) as WebSocketError;
      expect([whole.code, whole.facts]).toEqual([error.code, error.facts]);
      expect(error.facts).toMatchObject({ offset: available - 1 });
      return `${error.code} at ${available - 1}`;
    }
  }
  return 'incomplete';
}

test('an empty header says nothing', () => {
  expect(emptyHeader()).toEqual({ opcode: 0, fin: false, rsv1: false, masked: false, length: 0, key: 0 });
});

test('RSV1 is read where it has a meaning', () => {
  expect([read(hex`c1 05`, { rsv1: true })?.rsv1, read(hex`81 05`, { rsv1: true })?.rsv1]).toEqual([true, false]);
});

test.each([
  ['81 05', { size: 2, opcode: 1, fin: true, rsv1: false, masked: false, length: 5, key: 0 }],
  ['02 7e 0100', { size: 4, opcode: 2, fin: false, rsv1: false, masked: false, length: 256, key: 0 }],
  ['82 7f 0000000000010000', { size: 10, opcode: 2, fin: true, rsv1: false, masked: false, length: 65_536, key: 0 }],
])('%s is read', (wire, expected) => {
  expect(read(Buffer.from(wire.replaceAll(' ', ''), 'hex'))).toEqual(expected);
});

test('the key of a masked header is a little-endian integer: byte 0 masks first', () => {
  const header = read(hex`81 85 37fa213d`, { role: 'server' });
  expect(header).toMatchObject({ size: 6, masked: true, length: 5, key: 0x3d21fa37 });
});

test('a header that is not complete is 0, and leaves the object as it was', () => {
  const wire = hex`82 fe 0100 37fa213d`;
  for (let available = 0; available < wire.length; available++) {
    expect(read(wire, { role: 'server', available })).toBeNull();
  }
});

/** Byte 0: opcode, reserved bits, FIN of control frames, order. */
const FIRST_BYTES: readonly (readonly [wire: string, rules: Rules, verdict: string])[] = [
  ...['83', '84', '85', '86', '87', '8b', '8c', '8d', '8e', '8f'].map(
    (wire) => [wire, {}, 'ERR_WS_RESERVED_OPCODE at 0'] as const,
  ),
  ['a1', {}, 'ERR_WS_RESERVED_BIT at 0'],
  ['91', {}, 'ERR_WS_RESERVED_BIT at 0'],
  ['c1', {}, 'ERR_WS_RESERVED_BIT at 0'],
  ['c1', { rsv1: true }, 'incomplete'],
  ['c2', { rsv1: true }, 'incomplete'],
  ['e1', { rsv1: true }, 'ERR_WS_RESERVED_BIT at 0'],
  ['c0', { rsv1: true, open: true }, 'ERR_WS_RESERVED_BIT at 0'],
  ['c9', { rsv1: true }, 'ERR_WS_RESERVED_BIT at 0'],
  ...['08', '09', '0a'].map((wire) => [wire, {}, 'ERR_WS_CONTROL_FRAGMENTED at 0'] as const),
  ...['88', '89', '8a'].map((wire) => [wire, {}, 'incomplete'] as const),
  ['80', {}, 'ERR_WS_CONTINUATION_UNEXPECTED at 0'],
  ['80', { open: true }, 'incomplete'],
  ['81', { open: true }, 'ERR_WS_CONTINUATION_EXPECTED at 0'],
  ['89', { open: true }, 'incomplete'],
];

test.each(FIRST_BYTES)('the first byte %s with %j: %s', (wire, rules, expected) => {
  expect(verdict(Buffer.from(wire, 'hex'), rules)).toBe(expected);
});

test.each([
  ['a mask bit from a server', hex`81 80`, { role: 'client' }, 'ERR_WS_MASK_UNEXPECTED at 1'],
  ['no mask bit from a client', hex`81 00`, { role: 'server' }, 'ERR_WS_MASK_MISSING at 1'],
  ['a ping of 126 bytes', hex`89 7e 007e`, {}, 'ERR_WS_CONTROL_TOO_LONG at 1'],
  ['a close with a 64-bit length', hex`88 7f`, {}, 'ERR_WS_CONTROL_TOO_LONG at 1'],
  ['a close with half a code', hex`88 01`, {}, 'ERR_WS_CLOSE_TRUNCATED at 1'],
  ['a close without a code', hex`88 00`, {}, 'legal'],
  ['a close with a code', hex`88 02`, {}, 'legal'],
  ['a ping of one byte', hex`89 01`, {}, 'legal'],
  ['a length in 16 bits says nothing yet', hex`82 7e`, { maxFrameBytes: 125 }, 'incomplete'],
  ['a ping of 125 bytes over maxFrameBytes', hex`89 7d`, { maxFrameBytes: 10 }, 'legal'],
  ['one byte over maxFrameBytes', hex`82 0b`, { maxFrameBytes: 10 }, 'ERR_WS_FRAME_TOO_BIG at 1'],
  ['maxFrameBytes exactly', hex`82 0a`, { maxFrameBytes: 10 }, 'legal'],
  ['125 in 16 bits', hex`82 7e 007d`, {}, 'ERR_WS_LENGTH_NOT_MINIMAL at 3'],
  ['126 in 16 bits', hex`82 7e 007e`, {}, 'legal'],
  ['125 in 64 bits', hex`82 7f 000000000000007d`, {}, 'ERR_WS_LENGTH_NOT_MINIMAL at 7'],
  ['65,535 in 64 bits', hex`82 7f 000000000000ffff`, {}, 'ERR_WS_LENGTH_NOT_MINIMAL at 7'],
  ['300 in 16 bits, 256 allowed', hex`82 7e 012c`, { maxFrameBytes: 256 }, 'ERR_WS_FRAME_TOO_BIG at 3'],
  ['512 in 16 bits, 256 allowed', hex`82 7e 0200`, { maxFrameBytes: 256 }, 'ERR_WS_FRAME_TOO_BIG at 2'],
  ['65,536, 65,535 allowed', hex`82 7f 0000000000010000`, { maxFrameBytes: 65_535 }, 'ERR_WS_FRAME_TOO_BIG at 7'],
  ['2^32 + 1, 2^32 allowed', hex`82 7f 0000000100000001`, { maxFrameBytes: 2 ** 32 }, 'ERR_WS_FRAME_TOO_BIG at 9'],
  ['2^53 - 1', hex`82 7f 001fffffffffffff`, {}, 'legal'],
  ['2^53', hex`82 7f 0020000000000000`, {}, 'ERR_WS_FRAME_TOO_BIG at 3'],
  ['2^63 - 1', hex`82 7f 7fffffffffffffff`, {}, 'ERR_WS_FRAME_TOO_BIG at 2'],
  ['2^63', hex`82 7f 8000000000000000`, {}, 'ERR_WS_LENGTH_SIGN_BIT at 2'],
  ['2^64 - 1', hex`82 7f ffffffffffffffff`, {}, 'ERR_WS_LENGTH_SIGN_BIT at 2'],
  ['2^64 - 1, 1 allowed', hex`82 7f ffffffffffffffff`, { maxFrameBytes: 1 }, 'ERR_WS_LENGTH_SIGN_BIT at 2'],
] as const)('%s: the byte that proves it', (_, wire, rules, expected) => {
  expect(verdict(wire, rules)).toBe(expected);
});

test('errors count from where the header stands in the wire', () => {
  const rules = { role: 'client', maxFrameBytes: Infinity, rsv1: false } as const;
  const error = thrownBy(() => readHeader(hex`8180`, 0, 2, rules, false, { offset: 70, frame: 9 }, emptyHeader()));
  expect(error).toMatchObject({ facts: { offset: 71, frame: 9 } });
});

test('any legal header is read back as it was written, in its shortest form', () => {
  const edges = fc.constantFrom(0, 125, 126, 65_535, 65_536, 2 ** 31, 2 ** 32, 2 ** 53 - 1);
  const lengths = fc.oneof(edges, fc.maxSafeNat());
  const opcodes = fc.constantFrom<Opcode>(1, 2);
  const law = fc.property(opcodes, fc.boolean(), lengths, fc.option(fc.integer()), (opcode, fin, length, key) => {
    const target = Buffer.alloc(20, 0xee);
    const end = writeHeader(target, 3, firstByte(opcode, fin, 0), length, key);
    expect(end - 3).toBe(headerBytes(length, key !== null));
    expect(target.subarray(end).every((byte) => byte === 0xee)).toBe(true);
    const header = read(target.subarray(3, end), { role: key === null ? 'client' : 'server' });
    expect(header).toEqual({
      size: end - 3,
      opcode,
      fin,
      rsv1: false,
      masked: key !== null,
      length,
      key: key ?? 0,
    });
  });
  fc.assert(law, { numRuns: 300 });
});

test('the reserved bits of a first byte are RSV1, RSV2 and RSV3 from the left', () => {
  expect([4, 2, 1].map((reserved) => firstByte(1, true, reserved))).toEqual([0xc1, 0xa1, 0x91]);
});
