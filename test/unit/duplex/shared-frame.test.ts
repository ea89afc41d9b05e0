import { Opcode } from '../../../src/codec/frame.js';
import { SharedFrame } from '../../../src/duplex/shared-frame.js';
import { readWire } from '../../support/frames.js';

test.each([0, 1, 125, 126, 65_535, 65_536])(
  '%d bytes: the wire holds header and payload, and the payload is its end',
  (size) => {
    const payload = new Uint8Array(size).fill(7);
    const shared = new SharedFrame(Opcode.binary, payload, true);
    payload.fill(9);
    const [read] = readWire(shared.wire);
    expect(read).toMatchObject({ size: shared.wire.length, frame: { opcode: 2, fin: true, rsv1: true } });
    expect(shared.wire.subarray(-size || shared.wire.length).equals(shared.payload)).toBe(true);
    expect(shared.payload.length === size && shared.payload.every((byte) => byte === 7)).toBe(true);
    expect(shared.payload.buffer).toBe(shared.wire.buffer);
  },
);

test('plain frames have no mark', () => {
  expect(readWire(new SharedFrame(Opcode.text, Buffer.from('hi'), false).wire)[0]?.frame).toMatchObject({
    opcode: 1,
    rsv1: false,
  });
});
