/** One direction of frames: what each says, and where the first wrong one stands. */
import { FrameReader } from '../../../../src/cli/capture/frame-reader.js';
import { Inflations } from '../../../../src/cli/run/inflation.js';
import { compressed } from '../../../support/deflate.js';

const hex = (text: string) => Buffer.from(text.replaceAll(' ', ''), 'hex');
const read = (
  wire: Buffer,
  from: 'client' | 'server' = 'server',
  maxFrameBytes = 1_000,
  extensions: string | null = null,
) => [...new FrameReader({ from, maxFrameBytes, inflation: new Inflations().of(from, extensions) }).push(wire)];

test('frames say what they are, where they begin and what they carry', () => {
  // RFC 6455 §5.7: a masked "Hello"; then a close 1000 "bye".
  const frames = read(hex('818537fa213d7f9f4d5158 8885 00000000 03e8627965'), 'client');
  expect(frames).toMatchObject([
    {
      opcode: 1,
      fin: true,
      masked: true,
      bytes: 5,
      offset: 0,
      isText: true,
      payload: Buffer.from('Hello'),
      close: null,
    },
    { opcode: 8, offset: 11, isText: false, close: { code: 1000, reason: 'bye' } },
  ]);
});

test('a ping between the fragments of a text leaves the text what it is', () => {
  const frames = read(hex('0101c3 890170 8001b6'));
  expect(frames.map(({ opcode, isText, fin }) => [opcode, isText, fin])).toEqual([
    [1, true, false],
    [9, false, true],
    [0, true, true],
  ]);
});

test('a compressed message is inflated frame by frame, with the context of the one before', () => {
  const payload = compressed('Hello Hello Hello');
  const [a, b] = [payload.subarray(0, 3), payload.subarray(3)];
  const wire = Buffer.concat([Buffer.from([0x41, a.length]), a, Buffer.from([0x80, b.length]), b, hex('810178')]);
  const frames = read(wire, 'server', 1_000, 'permessage-deflate');
  expect(Buffer.concat(frames.slice(0, 2).map((frame) => frame.payload)).toString()).toBe('Hello Hello Hello');
  expect(frames.map((frame) => [frame.compressed, frame.bytes])).toEqual([
    [true, a.length],
    [true, b.length],
    [false, 1],
  ]);
});

test.each([
  ['8100 8300', 'ERR_WS_RESERVED_OPCODE', 2],
  ['c100', 'ERR_WS_RESERVED_BIT', 0],
  ['8100 8101ff', 'ERR_WS_INVALID_UTF8', 2],
  ['8101c3', 'ERR_WS_INVALID_UTF8', 0],
  ['8100 8802 03ee', 'ERR_WS_CLOSE_CODE_INVALID', 2],
  ['827e 03e9', 'ERR_WS_FRAME_TOO_BIG', 3],
])('%s is %s', (wire, code, offset) => {
  expect(() => read(hex(wire))).toThrow(expect.objectContaining({ code, facts: expect.objectContaining({ offset }) }));
});

test('a small frame does not become a large payload', () => {
  const payload = compressed(Buffer.alloc(400_000));
  const wire = Buffer.concat([Buffer.from([0xc2, 126, payload.length >> 8, payload.length & 255]), payload]);
  expect(() => read(wire, 'server', 50_000, 'permessage-deflate')).toThrow(/larger than maxFrameBytes/);
});

test('an agreement that is none, or that nobody can read, inflates nothing', () => {
  for (const extensions of [null, '', ';', 'x-other', 'permessage-deflate; what'])
    expect(new Inflations().of('client', extensions)).toBeNull();
});
