/** Compressed messages as a peer may send them: read in three ways, cut in every way (RFC 7692 §6.2, §7.2.2). */
import zlib from 'node:zlib';
import type { Frame } from '../../src/codec/frame.js';
import type { MessageStream } from '../../src/duplex/message-stream.js';
import { AGREED, bomb, compressed } from '../support/deflate.js';
import { binary, continuation, frameOf, labelOf, ping, text, wireOf } from '../support/frames.js';
import { collect } from '../support/streams.js';
import { facing } from '../support/web-sockets.js';
import { byteByByte, hex, inChunksOf } from '../support/wire.js';

const OPTIONS = { deflate: true, agreement: { extensions: AGREED } } as const;
const WORDS = 'Grüße, Grüße, 😀 und noch einmal: Grüße';
const MIB = 2 ** 20;

const rsv1 = (opcode: number, payload: Uint8Array, fin = true): Frame => frameOf(opcode, payload, { rsv1: true, fin });

/** A compressed message, each byte of it a fragment; a ping in every gap. */
function shreds(opcode: number, payload: Buffer): Frame[] {
  const pieces = byteByByte(payload);
  const frames = pieces.flatMap((piece, at) => {
    const fin = at === pieces.length - 1;
    return [at === 0 ? rsv1(opcode, piece, fin) : continuation(piece, fin), ping(hex`${Buffer.of(at)}`)];
  });
  return frames.slice(0, -1);
}

/** A conversation with all that is legal, and its messages. */
const FRAMES: readonly Frame[] = [
  text('plain'),
  rsv1(1, compressed(WORDS)),
  ...shreds(1, compressed(WORDS)),
  rsv1(2, compressed('')),
  rsv1(1, hex`00`),
  rsv1(1, hex``),
  rsv1(1, hex``, false),
  continuation(compressed(WORDS)),
  rsv1(2, hex`${compressed(Buffer.alloc(200_000, 'ab'))} 0000ffff`, false),
  ping('between'),
  continuation('', false),
  continuation(hex`00`),
  text('pl', false),
  continuation('ain'),
];
const MESSAGES = ['plain', WORDS, WORDS, Buffer.alloc(0), '', '', WORDS, Buffer.alloc(200_000, 'ab'), 'plain'];

/** What the message list holds, short enough to compare fast. */
const brief = (message: unknown) =>
  Buffer.isBuffer(message) ? `${message.length} bytes ${message.toString('hex', 0, 9)}` : message;

describe.each(['server', 'client'] as const)('a %s reads', (role) => {
  const masked = role === 'server' ? { key: hex`37fa213d` } : {};
  const wire = Buffer.concat([...FRAMES, frameOf(8, hex`03e8`)].map((frame) => wireOf(frame, masked)));

  test.each([1, 2, 3, 7, 64, 1_000, wire.length])('messages, in chunks of %d bytes', async (size) => {
    const { ws, peer } = await facing({ role, ...OPTIONS });
    for (const chunk of inChunksOf(size, wire)) peer.socket.write(chunk);
    expect((await collect(ws)).map(brief)).toEqual(MESSAGES.map(brief));
    const pings = FRAMES.filter(({ opcode }) => opcode === 9).map(({ payload }) => payload.toString('hex'));
    await peer.closed();
    // A pong may be left out for a newer one, never changed or put in another order.
    const pongs = peer.frames.filter(({ opcode }) => opcode === 10).map(({ payload }) => payload.toString('hex'));
    expect(pings).toEqual(expect.arrayContaining(pongs));
  });

  test('streams, each there with its type', async () => {
    const { ws, peer } = await facing({ role, ...OPTIONS, readAs: 'stream' });
    peer.send(wire);
    const read: unknown[] = [];
    for await (const message of ws as AsyncIterable<MessageStream>) {
      read.push(message.type === 'text' ? await message.text() : brief(await message.bytes()));
    }
    expect(read).toEqual(MESSAGES.map(brief));
  });

  test('bytes', async () => {
    const { ws, peer } = await facing({ role, ...OPTIONS, readAs: 'bytes' });
    peer.send(wire);
    const whole = Buffer.concat(MESSAGES.map((message) => Buffer.from(message as string)));
    expect(Buffer.concat(await collect<Buffer>(ws)).equals(whole)).toBe(true);
  });

  test('the beginning of a message before its end is here', async () => {
    const { ws, peer } = await facing({ role, ...OPTIONS, readAs: 'stream' });
    const flushed = zlib.deflateRawSync('begun', { finishFlush: zlib.constants.Z_SYNC_FLUSH });
    peer.send(rsv1(1, flushed, false));
    for await (const message of ws as AsyncIterable<MessageStream>) {
      const chunks: string[] = [];
      for await (const chunk of message.setEncoding('utf8')) {
        chunks.push(chunk);
        if (chunks.length === 1) peer.send(ping(), continuation(compressed(', ended')));
      }
      expect(chunks.join('')).toBe('begun, ended');
      break;
    }
  });

  test('a message that ends in a final block, and the ones after it (undici, faye)', async () => {
    const final = zlib.deflateRawSync('final');
    const frames = [
      rsv1(1, final),
      rsv1(1, compressed('next')),
      rsv1(1, hex`${final} 00`),
      rsv1(1, hex`${final} ${final}`),
      rsv1(1, final.subarray(0, 2), false),
      continuation(final.subarray(2)),
      rsv1(1, compressed('last')),
    ];
    const { ws, peer } = await facing({ role, ...OPTIONS });
    peer.send(...frames);
    peer.sendClose(1000);
    expect(await collect(ws)).toEqual(['final', 'next', 'final', 'finalfinal', 'final', 'last']);
  });

  test('a close frame behind a long compressed message: the message first, then the end', async () => {
    for (const readAs of ['message', 'stream', 'bytes'] as const) {
      const { ws, peer } = await facing({ role, ...OPTIONS, readAs });
      peer.send(rsv1(2, bomb(8 * MIB)));
      peer.sendClose(1000);
      peer.socket.end();
      let bytes = 0;
      for await (const item of ws as AsyncIterable<Buffer | MessageStream>) {
        bytes += Buffer.isBuffer(item) ? item.length : (await item.bytes()).length;
      }
      expect(bytes).toBe(8 * MIB);
      expect(await ws.closed).toMatchObject({ code: 1000, received: { code: 1000 } });
    }
  });

  test('a FIN behind a long compressed message, without a close frame: the message, then CUT_OFF', async () => {
    const { ws, peer } = await facing({ role, ...OPTIONS });
    const got: number[] = [];
    ws.on('data', (message: Buffer) => got.push(message.length));
    const failed = new Promise((resolve) => ws.once('error', resolve));
    peer.send(rsv1(2, bomb(8 * MIB)));
    peer.socket.end();
    expect(await failed).toMatchObject({ code: 'ERR_WS_CUT_OFF' });
    expect(got).toEqual([8 * MIB]);
  });

  test('an abandoned message is inflated no further than it must be, and the next one comes', async () => {
    const { ws, peer } = await facing({ role, ...OPTIONS, readAs: 'stream' });
    peer.send(rsv1(2, bomb(16 * MIB)), rsv1(1, compressed('next')));
    const read: string[] = [];
    for await (const message of ws as AsyncIterable<MessageStream>) {
      if (message.type === 'binary') message.destroy();
      else read.push(await message.text());
      if (read.length === 1) break;
    }
    expect(read).toEqual(['next']);
  });
});

test('a message of exactly the limit passes, also when compressing made its frame larger than that', async () => {
  const noise = Buffer.from(Array.from({ length: 100_000 }, (_, at) => (at * at * 7_919 + (at >> 3) * 31) % 251));
  const stored = zlib.deflateRawSync(noise, { level: 0, finishFlush: zlib.constants.Z_SYNC_FLUSH });
  expect(stored.length - 4).toBeGreaterThan(noise.length);
  const { ws, peer } = await facing({ ...OPTIONS, maxMessageBytes: noise.length });
  peer.send(rsv1(2, stored.subarray(0, -4)), binary(noise));
  peer.sendClose(1000);
  const read = await collect<Buffer>(ws);
  expect(read.map((one) => one.equals(noise))).toEqual([true, true]);
  expect(labelOf(text('x'))).toBe('1 78');
});
