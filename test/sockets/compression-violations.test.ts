/** Compressed messages that no peer may send: one error that explains, one close code, the connection over. */

import { randomBytes } from 'node:crypto';
import zlib from 'node:zlib';
import type { Frame } from '../../src/codec/frame.js';
import { MessageStream } from '../../src/duplex/message-stream.js';
import type { WebSocketDuplexOptions } from '../../src/duplex/options.js';
import { AGREED, bomb, compressed, compression } from '../support/deflate.js';
import { continuation, frameOf, ping, text } from '../support/frames.js';
import { facing, lifeOf } from '../support/web-sockets.js';
import { hex } from '../support/wire.js';

const MIB = 2 ** 20;
const AGREEMENT = { deflate: true, agreement: { extensions: AGREED } } as const;
const rsv1 = (opcode: number, payload: Uint8Array, fin = true): Frame => frameOf(opcode, payload, { rsv1: true, fin });

const GOOD = compressed('a message that is good, a message that is good');
const FLUSHED = zlib.deflateRawSync('flushed', { finishFlush: zlib.constants.Z_SYNC_FLUSH });
const FAR_BACK = zlib.deflateRawSync('abcabcabcabcdefghi', {
  dictionary: Buffer.from('defghidefghi'),
  finishFlush: zlib.constants.Z_SYNC_FLUSH,
});

type Row = readonly [
  name: string,
  frames: readonly Frame[],
  code: string,
  closeCode: number,
  options?: Partial<WebSocketDuplexOptions>,
];

const ROWS: readonly Row[] = [
  ['RSV1 that nobody agreed on', [rsv1(1, GOOD)], 'RESERVED_BIT', 1002, { agreement: {} }],
  ['RSV1 where only we wanted it', [rsv1(2, GOOD)], 'RESERVED_BIT', 1002, { agreement: { extensions: [] } }],
  ['RSV1 on a continuation', [rsv1(1, GOOD.subarray(0, 4), false), rsv1(0, GOOD.subarray(4))], 'RESERVED_BIT', 1002],
  ['RSV1 on the continuation of a plain message', [text('a', false), rsv1(0, GOOD)], 'RESERVED_BIT', 1002],
  ['RSV1 on a ping', [rsv1(9, hex`00`)], 'RESERVED_BIT', 1002],
  ['RSV1 on a pong in the middle of a message', [rsv1(1, GOOD, false), rsv1(10, hex`00`)], 'RESERVED_BIT', 1002],
  ['RSV1 on a close', [rsv1(8, hex`03e8`)], 'RESERVED_BIT', 1002],
  ['RSV2 besides', [frameOf(1, GOOD, { rsv1: true, rsv2: true })], 'RESERVED_BIT', 1002],
  ['RSV3 alone', [frameOf(1, GOOD, { rsv3: true })], 'RESERVED_BIT', 1002],
  ['garbage', [rsv1(2, Buffer.alloc(99, 0xff))], 'INVALID_DEFLATE', 1007],
  ['garbage behind a good message', [rsv1(1, GOOD), rsv1(1, hex`06`)], 'INVALID_DEFLATE', 1007],
  ['garbage in the last fragment', [rsv1(1, FLUSHED, false), ping(), continuation(hex`ffff`)], 'INVALID_DEFLATE', 1007],
  ['a cut-off message', [rsv1(1, GOOD.subarray(0, -3))], 'INVALID_DEFLATE', 1007],
  ['a cut-off message before a good one', [rsv1(1, GOOD.subarray(0, 5)), rsv1(1, GOOD)], 'INVALID_DEFLATE', 1007],
  ['a cut-off stored block', [rsv1(2, hex`00 0500 faff 4142`)], 'INVALID_DEFLATE', 1007],
  ['a stored block whose lengths differ', [rsv1(2, hex`00 0500 0000 41`)], 'INVALID_DEFLATE', 1007],
  ['a distance beyond the window', [rsv1(2, FAR_BACK.subarray(0, -4))], 'INVALID_DEFLATE', 1007],
  ['final blocks without end', [rsv1(2, Buffer.alloc(8_000, hex`0300`))], 'INVALID_DEFLATE', 1007],
  ['text that is no UTF-8', [rsv1(1, compressed(hex`48 ff`))], 'INVALID_UTF8', 1007],
  ['text that ends within a character', [rsv1(1, compressed(hex`e2 82`))], 'INVALID_UTF8', 1007],
  [
    'text that turns bad after a megabyte',
    [rsv1(1, compressed(hex`${Buffer.alloc(MIB, 'a')} ff`))],
    'INVALID_UTF8',
    1007,
  ],
  ['one byte over the limit', [rsv1(2, bomb(2 * MIB))], 'MESSAGE_TOO_BIG', 1009, { maxMessageBytes: 2 * MIB - 1 }],
  ['a bomb', [rsv1(2, bomb(256 * MIB))], 'MESSAGE_TOO_BIG', 1009],
  [
    'a bomb in two fragments',
    [rsv1(2, hex`${bomb(9 * MIB)} 0000ffff`, false), continuation(bomb(9 * MIB))],
    'MESSAGE_TOO_BIG',
    1009,
  ],
  ['a frame over the limit', [rsv1(2, randomBytes(2_000))], 'FRAME_TOO_BIG', 1009, { maxFrameBytes: 1_000 }],
  [
    'a plain message over the limit',
    [text('a'.repeat(1_001))],
    'MESSAGE_TOO_BIG',
    1009,
    { maxMessageBytes: 1_000, maxFrameBytes: 9_000 },
  ],
];

describe.each(['server', 'client'] as const)('to a %s', (role) => {
  describe.each(['message', 'stream', 'bytes'] as const)('that reads as %s', (readAs) => {
    test.each(ROWS.map((row) => [row[0], row] as const))('%s', async (_, [, frames, code, closeCode, options = {}]) => {
      const shared = compression();
      const { ws, peer } = await facing({ role, readAs, ...AGREEMENT, compression: shared, ...options });
      const { over, errors } = lifeOf(ws);
      ws.on('data', (item) => item instanceof MessageStream && item.resume());
      peer.send(...frames);
      expect(await peer.closed()).toMatchObject({ code: closeCode });
      expect(await over).toMatchObject({ code: closeCode, sent: { code: closeCode } });
      expect(errors).toMatchObject([{ code: `ERR_WS_${code}`, closeCode }]);
      expect(shared.contexts.inflating).toBeLessThanOrEqual(1);
    });
  });
});

test('the limit counts inflated bytes of one message, not of all', async () => {
  const { ws, peer } = await facing({ ...AGREEMENT, maxMessageBytes: MIB });
  let got = 0;
  ws.on('data', (message: Buffer) => {
    got += message.length;
  });
  const message = rsv1(2, bomb(MIB));
  peer.send(...new Array<Frame>(8).fill(message));
  peer.sendClose(1000);
  await ws.closed;
  expect(got).toBe(8 * MIB);
});

test('the error says where, how much, and nothing of the payload', async () => {
  const { ws, peer } = await facing({ ...AGREEMENT, maxMessageBytes: 999 });
  const { over, errors } = lifeOf(ws.resume());
  peer.send(text('first'), rsv1(1, compressed('secret'.repeat(1_000))));
  await over;
  expect(errors).toMatchObject([{ facts: { atLeast: 1_000, maxMessageBytes: 999, frame: 1 } }]);
  expect(errors[0]?.message).not.toContain('secret');
});
