/** RFC 7692 §6, §7.2.2 and §7.2.3, and the limits of RFC 6455 §10.4: what we make of compressed messages. */
import zlib from 'node:zlib';
import type { Frame, Role } from '../../src/codec/frame.js';
import { bomb, compressed } from '../support/deflate.js';
import { binary, continuation, frameOf, ping, text } from '../support/frames.js';
import { byteByByte, hex } from '../support/wire.js';
import { LIMITS, type Row, testRows, to } from './support/meeting.js';

const DEFLATE = 'permessage-deflate';
const rsv1 = (opcode: number, payload: Uint8Array, fin = true): Frame => frameOf(opcode, payload, { rsv1: true, fin });
const all =
  (...frames: readonly Frame[]) =>
  (role: Role) =>
    frames.map((frame) => to(role, frame));

const HELLO = hex`f2 48 cd c9 c9 07 00`;
/** "Hello" by reference to the one before it. */
const AGAIN = hex`f2 00 11 00 00`;

const EXAMPLES: readonly Row[] = [
  { title: '§7.2.3.1 one compressed DEFLATE block', sends: all(rsv1(1, HELLO)), reads: ['Hello'] },
  {
    title: '§7.2.3.1 the same in two fragments',
    sends: all(rsv1(1, HELLO.subarray(0, 3), false), continuation(HELLO.subarray(3))),
    reads: ['Hello'],
  },
  {
    title: '§7.2.3.2 the window is shared by the messages of a direction',
    sends: all(rsv1(1, HELLO), rsv1(1, AGAIN), rsv1(1, AGAIN)),
    reads: ['Hello', 'Hello', 'Hello'],
  },
  {
    title: '§7.2.3.3 a DEFLATE block without compression',
    sends: all(rsv1(1, hex`00 05 00 fa ff 48 65 6c 6c 6f 00`)),
    reads: ['Hello'],
  },
  {
    title: '§7.2.3.4 a DEFLATE block with BFINAL set, and messages after it',
    sends: all(
      rsv1(1, hex`f3 48 cd c9 c9 07 00 00`),
      rsv1(1, HELLO),
      rsv1(1, hex`f3 48 cd c9 c9 07 00`),
      rsv1(1, HELLO),
    ),
    reads: ['Hello', 'Hello', 'Hello', 'Hello'],
  },
  {
    title: '§7.2.3.5 two DEFLATE blocks in one message',
    sends: all(rsv1(1, hex`f2 48 05 00 00 00 ff ff ca c9 c9 07 00`)),
    reads: ['Hello'],
  },
  {
    title: '§7.2.3.6 an empty message, and an empty last fragment',
    sends: all(rsv1(1, hex`00`), rsv1(1, hex`f2 48 cd c9 c9 07 00 00 00 ff ff`, false), continuation(hex`00`)),
    reads: ['', 'Hello'],
  },
];

const LEGAL: readonly Row[] = [
  {
    title: '§6 each message is compressed or not, by itself',
    sends: all(text('plain'), rsv1(1, HELLO), binary('plain'), rsv1(1, AGAIN)),
    reads: ['plain', 'Hello', Buffer.from('plain'), 'Hello'],
  },
  {
    title: '§6.1 the opcode is that of the message before compression',
    sends: all(rsv1(2, HELLO), rsv1(1, AGAIN)),
    reads: [Buffer.from('Hello'), 'Hello'],
  },
  {
    title: '§6.1 compressed bytes need not be UTF-8, and what they hold need',
    sends: all(rsv1(1, compressed('é€😀'))),
    reads: ['é€😀'],
  },
  {
    title: '§6.2 a compressed message may be cut anywhere, with control frames in between',
    sends: (role) => {
      const pieces = byteByByte(compressed('cut at each byte, cut at each byte'));
      const frames = pieces.map((piece, at) =>
        frameOf(at === 0 ? 1 : 0, piece, { rsv1: at === 0, fin: at === pieces.length - 1 }),
      );
      return all(...frames.flatMap((frame, at) => (at === 5 ? [ping('p'), frame] : [frame])))(role);
    },
    reads: ['cut at each byte, cut at each byte'],
    pongs: ['p'],
  },
  {
    title: '§7.2.2 the window reaches back 32,768 bytes',
    sends: (role) => {
      const first = Buffer.from(Array.from({ length: 32_768 }, (_, at) => (at * at * 7 + (at >> 8)) & 255));
      const again = zlib.deflateRawSync(first.subarray(0, 300), {
        dictionary: first,
        windowBits: 15,
        finishFlush: zlib.constants.Z_SYNC_FLUSH,
      });
      return all(rsv1(2, compressed(first)), rsv1(2, again.subarray(0, -4)))(role);
    },
    reads: [32_768, 300].map((size) =>
      Buffer.from(Array.from({ length: size }, (_, at) => (at * at * 7 + (at >> 8)) & 255)),
    ),
  },
  ...[0, 3, 9].flatMap((level) =>
    [zlib.constants.Z_FIXED, zlib.constants.Z_HUFFMAN_ONLY, zlib.constants.Z_RLE].map((strategy) => ({
      title: `§7.2.1 blocks of any type are taken: level ${level}, strategy ${strategy}`,
      sends: all(rsv1(1, compressed('any block type, any block type', { level, strategy }))),
      reads: ['any block type, any block type'],
    })),
  ),
  {
    title: '§7.2.2 a message that inflates to the limit passes',
    sends: all(rsv1(2, compressed(Buffer.alloc(LIMITS.maxMessageBytes)))),
    reads: [Buffer.alloc(LIMITS.maxMessageBytes)],
  },
];

const ILLEGAL: readonly Row[] = [
  ...[8, 9, 10].map((opcode) => ({
    title: `§6.1 RSV1 on the control frame ${opcode} fails on its first byte`,
    sends: (role: Role) => [to(role, rsv1(opcode, hex`00`), 1)],
    close: 1002,
  })),
  {
    title: '§6.1 RSV1 on a continuation of a compressed message fails on its first byte',
    sends: (role) => [...all(rsv1(1, HELLO.subarray(0, 3), false))(role), to(role, rsv1(0, HELLO.subarray(3)), 1)],
    close: 1002,
  },
  {
    title: '§6.1 RSV1 on a continuation of a plain message fails on its first byte',
    sends: (role) => [...all(text('a', false))(role), to(role, rsv1(0, HELLO), 1)],
    close: 1002,
  },
  ...['rsv2', 'rsv3'].map((bit) => ({
    title: `§5.2 of RFC 6455: ${bit} besides RSV1 fails on its first byte`,
    sends: (role: Role) => [to(role, frameOf(1, HELLO, { rsv1: true, [bit]: true }), 1)],
    close: 1002,
  })),
  { title: '§7.2.2 what is no DEFLATE fails', sends: all(rsv1(2, hex`07`)), close: 1007 },
  {
    title: '§7.2.2 a message that ends within a block fails, however good the next one is',
    sends: all(rsv1(1, HELLO.subarray(0, 3))),
    close: 1007,
  },
  {
    title: '§7.2.2 a reference to before the first message fails',
    sends: all(rsv1(1, AGAIN)),
    close: 1007,
  },
  {
    title: '§6.1 text that does not inflate to UTF-8 fails',
    sends: all(rsv1(1, compressed(hex`48 ff`))),
    close: 1007,
  },
  {
    title: '§10.4 of RFC 6455: a message that inflates to one byte more than the limit fails',
    sends: all(rsv1(2, compressed(Buffer.alloc(LIMITS.maxMessageBytes + 1)))),
    close: 1009,
  },
  { title: '§10.4 of RFC 6455: a bomb fails', sends: all(rsv1(2, bomb(2 ** 26))), close: 1009 },
  {
    title: '§10.4 of RFC 6455: a bomb in fragments fails before its end',
    sends: all(rsv1(2, hex`${bomb(2 ** 24)} 0000ffff`, false)),
    close: 1009,
  },
];

const NOT_AGREED: readonly Row[] = [1, 2].map((opcode) => ({
  title: `§5.2 of RFC 6455: RSV1 on a message with opcode ${opcode}, where nothing was agreed on, fails on its first byte`,
  sends: (role: Role) => [to(role, rsv1(opcode, HELLO), 1)],
  close: 1002,
}));

/** What the peer sends has its own parameters: the client's when ours is the server. */
const takeoverIs = (
  who: 'server' | 'client',
  role: Role,
  title: string,
  reads: readonly string[],
  close: number,
): Row => ({
  title,
  role,
  extensions: `${DEFLATE}; ${who}_no_context_takeover`,
  sends: all(rsv1(1, HELLO), rsv1(1, AGAIN)),
  reads,
  close,
});

const WITHOUT_TAKEOVER: readonly Row[] = [
  takeoverIs('client', 'server', '§7.2.2 the client gave up its window: a reference to it fails', ['Hello'], 1007),
  takeoverIs('server', 'client', '§7.2.2 the server gave up its window: a reference to it fails', ['Hello'], 1007),
  takeoverIs('server', 'server', '§7.2.2 the server gave up its window, not the client', ['Hello', 'Hello'], 1000),
  takeoverIs('client', 'client', '§7.2.2 the client gave up its window, not the server', ['Hello', 'Hello'], 1000),
];

testRows([...EXAMPLES, ...LEGAL, ...ILLEGAL].map((row) => ({ extensions: DEFLATE, ...row })));
testRows([...NOT_AGREED, ...WITHOUT_TAKEOVER]);
