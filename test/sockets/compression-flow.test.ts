/** Compression in bounded steps: backpressure reaches into the inflater, and others have their turn in between. */
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import type { Frame } from '../../src/codec/frame.js';
import type { MessageStream } from '../../src/duplex/message-stream.js';
import { AGREED, bomb } from '../support/deflate.js';
import { frameOf } from '../support/frames.js';
import { turn, turns } from '../support/streams.js';
import { afterTest, both, connected, facing, next, serving } from '../support/web-sockets.js';
import { hex } from '../support/wire.js';

const KIB = 1024;
const MIB = 1024 * KIB;
const OPTIONS = { deflate: true, agreement: { extensions: AGREED }, maxMessageBytes: Infinity } as const;
const rsv1 = (opcode: number, payload: Uint8Array): Frame => frameOf(opcode, payload, { rsv1: true });
const ZEROS = bomb(200 * MIB);

/** Counts turns of the event loop. */
function turnCounter(): { readonly turns: number } {
  const counter = { turns: 0 };
  const count = () => {
    counter.turns++;
    pending = setImmediate(count);
  };
  let pending = setImmediate(count);
  afterTest(() => clearImmediate(pending));
  return counter;
}

describe('a message that inflates a thousandfold', () => {
  test('read as a stream that nobody reads: two slices are made, others are served, and all of it comes later', async () => {
    const { url } = await serving({ deflate: true }, (ws) => ws.pipe(ws));
    const other = connected(url, { deflate: true });
    const { ws, peer } = await facing({ ...OPTIONS, readAs: 'stream' });
    peer.send(rsv1(2, ZEROS));
    const message = (await next(ws)) as MessageStream;
    await turns(50);
    expect(message.readableLength).toBeLessThanOrEqual(128 * KIB);
    const held = process.memoryUsage().arrayBuffers;
    for (let i = 0; i < 20; i++) {
      other.write(`message ${i} of somebody else, of somebody else, of somebody else`);
      expect(await next(other)).toMatch(`message ${i}`);
    }
    expect(message.readableLength).toBeLessThanOrEqual(128 * KIB);
    expect(process.memoryUsage().arrayBuffers - held).toBeLessThan(MIB);
    let bytes = 0;
    for await (const chunk of message) bytes += (chunk as Buffer).length;
    expect(bytes).toBe(200 * MIB);
  });

  test('read as bytes by a reader that pauses: never more than a slice over the high-water mark', async () => {
    const { ws, peer } = await facing({ ...OPTIONS, readAs: 'bytes' });
    peer.send(rsv1(2, bomb(32 * MIB)));
    let bytes = 0;
    for await (const chunk of ws as AsyncIterable<Buffer>) {
      expect(ws.readableLength).toBeLessThanOrEqual(128 * KIB);
      bytes += chunk.length;
      if (bytes % (4 * MIB) === 0) await turns(3);
      if (bytes === 32 * MIB) break;
    }
  });

  test('read as fast as it comes, in each way: a turn of the event loop for each MiB at least', async () => {
    for (const readAs of ['stream', 'bytes'] as const) {
      const { ws, peer } = await facing({ ...OPTIONS, readAs });
      peer.send(rsv1(2, bomb(64 * MIB)));
      await once(ws, 'readable');
      const counter = turnCounter();
      let bytes = 0;
      for await (const item of ws as AsyncIterable<Buffer | MessageStream>) {
        if (Buffer.isBuffer(item)) bytes += item.length;
        else for await (const chunk of item) bytes += (chunk as Buffer).length;
        if (bytes === 64 * MIB) break;
      }
      expect(bytes).toBe(64 * MIB);
      expect(counter.turns).toBeGreaterThanOrEqual(62);
    }
  });

  test('collected as one message: a turn of the event loop for each MiB at least', async () => {
    const { ws, peer } = await facing(OPTIONS);
    const counter = turnCounter();
    peer.send(rsv1(2, bomb(64 * MIB)));
    const whole = (await next(ws)) as Buffer;
    expect(whole.length).toBe(64 * MIB);
    expect(counter.turns).toBeGreaterThanOrEqual(63);
  });
});

test.each([
  ['empty messages', hex`c1 01 00`],
  ['messages of final blocks', hex`c2 7e 0400 ${Buffer.alloc(1_024, hex`0300`)}`],
])('thousands of %s in a few chunks: a turn of the event loop for each thousand calls of zlib', async (_, message) => {
  const count = Math.ceil((256 * KIB) / message.length);
  const { ws, peer } = await facing({ ...OPTIONS, role: 'client' });
  const counter = turnCounter();
  let got = 0;
  ws.on('data', () => got++);
  peer.socket.write(Buffer.alloc(message.length * count, message));
  while (got < count) await turn();
  const calls = message.length === 3 ? 2 * count : 512 * count;
  expect(counter.turns).toBeGreaterThanOrEqual(Math.floor(calls / 1_100));
});

test('pings behind a message that is being inflated are answered when it is through, each connection in turn', async () => {
  const all = await Promise.all(Array.from({ length: 8 }, () => facing({ ...OPTIONS, readAs: 'bytes' })));
  for (const { ws, peer } of all) {
    ws.resume();
    peer.send(rsv1(2, bomb(16 * MIB)), frameOf(9, 'still there?'));
  }
  const pongs = await Promise.all(
    all.map(async ({ peer }) => {
      await peer.until(() => peer.frames.length === 1);
      return String(peer.frames[0]?.payload);
    }),
  );
  expect(new Set(pongs)).toEqual(new Set(['still there?']));
});

describe('a message of 64 MiB on its way out', () => {
  const words = Buffer.alloc(64 * MIB, 'the quick brown fox jumps over the lazy dog, ');

  test.each([
    ['whole', () => words],
    ['in one piece', () => [words]],
    ['in pieces of a KiB', () => Array.from({ length: 64 * KIB }, (_, at) => words.subarray(at * KIB, (at + 1) * KIB))],
  ])('%s: the event loop goes on, others are served, the peer reads it', async (_, make) => {
    const end = { ...OPTIONS, readAs: 'bytes' } as const;
    const { client, server } = await both({ client: end, server: end });
    const { url } = await serving({ deflate: true }, (ws) => ws.pipe(ws));
    const other = connected(url, { deflate: true });
    await other.opened;
    const counter = turnCounter();
    let [gone, served, bytes] = [false, 0, 0];
    server.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
    });
    client.write(make(), () => {
      gone = true;
    });
    for (; !gone; served++) {
      other.write(`message ${served} of somebody else, of somebody else, of somebody else`);
      await next(other);
    }
    expect(counter.turns).toBeGreaterThanOrEqual(64);
    expect(served).toBeGreaterThanOrEqual(3);
    client.end();
    await once(server, 'end');
    expect(bytes).toBe(64 * MIB);
  });

  test('a peer that does not read stops a source that is being compressed', async () => {
    const { ws } = await facing({ ...OPTIONS, reading: false });
    let produced = 0;
    const noise = randomBytes(64 * KIB);
    ws.write(
      (function* () {
        for (; produced < 256 * MIB; produced += noise.length) yield noise;
      })(),
    );
    for (let before = -1; before !== produced; await turns(200)) before = produced;
    expect(produced).toBeLessThan(256 * MIB);
  });
});
