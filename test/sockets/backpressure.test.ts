/** Backpressure over real connections: what a stopped reader holds up, and that nothing is lost when it goes on. */
import { once } from 'node:events';
import type { Socket } from 'node:net';
import type { MessageStream } from '../../src/duplex/message-stream.js';
import type { WebSocketDuplex } from '../../src/duplex/websocket-duplex.js';
import { binary, labelOf, ping, text } from '../support/frames.js';
import type { RawPeer } from '../support/raw-peer.js';
import { turns } from '../support/streams.js';
import { both, facing, lifeOf } from '../support/web-sockets.js';
import { hex } from '../support/wire.js';

const KIB = 1024;
const MIB = 1024 * KIB;

/** What two loopback sockets may hold between them, generously. */
const KERNEL_BYTES = 16 * MIB;

/** Writes pieces until the transport has not drained for a while; returns how many bytes went in. */
async function pushUntilStalled(socket: Socket, piece: Buffer, most: number): Promise<number> {
  let pushed = 0;
  while (pushed < most) {
    pushed += piece.length;
    if (socket.write(piece)) continue;
    const drained = await Promise.race([once(socket, 'drain').then(() => true), turns(2_000).then(() => false)]);
    if (!drained) return pushed;
  }
  return pushed;
}

async function stalledAt(ws: WebSocketDuplex, piece: Buffer): Promise<number> {
  let written = 0;
  while (ws.write(piece)) {
    written += piece.length;
    await turns(1);
  }
  return written;
}

describe('writing', () => {
  test('write answers false by bytes, and drain follows once the peer reads', async () => {
    const { ws, peer } = await facing({ maxBufferedBytes: 64 * KIB, reading: false });
    const piece = Buffer.alloc(32 * KIB);
    const written = await stalledAt(ws, piece);
    expect(ws.writableNeedDrain).toBe(true);
    expect(ws.bufferedBytes).toBeGreaterThanOrEqual(64 * KIB);
    expect(ws.bufferedBytes).toBeLessThan(64 * KIB + 2 * piece.length);
    peer.read();
    await once(ws, 'drain');
    expect(ws.bufferedBytes).toBeLessThan(64 * KIB);
    await peer.until(() => peer.heardBytes >= written + piece.length);
  });

  test('a small message is written at once, however many there were', async () => {
    const { ws, peer } = await facing();
    for (let i = 0; i < 10_000; i++) expect(ws.write('x')).toBe(true);
    await peer.until(() => peer.heardBytes === 30_000);
  });

  test('whoever ignores false is not stuck: all of it arrives, in order', async () => {
    const { ws, peer } = await facing({ maxBufferedBytes: KIB, reading: false });
    const sizes = Array.from({ length: 400 }, (_, at) => 64 * KIB + at);
    const answers = sizes.map((size) => ws.write(Buffer.alloc(size)));
    // What the system takes at once is not held; after that, everything is.
    expect(answers.filter((isRoom) => !isRoom).length).toBeGreaterThan(200);
    expect(answers.lastIndexOf(true)).toBeLessThan(answers.indexOf(false));
    await turns(20);
    peer.read();
    await once(ws, 'drain');
    await peer.until(() => peer.heardBytes >= sizes.reduce((sum, size) => sum + size + 10, 0));
    expect(peer.frames.map(({ payload }) => payload.length)).toEqual(sizes);
  });

  test('a message that is being produced stops its source while the peer does not read', async () => {
    const { ws, peer } = await facing({ reading: false });
    let produced = 0;
    const piece = Buffer.alloc(64 * KIB);
    const total = 64 * MIB;
    ws.write(
      (function* () {
        for (; produced < total; produced += piece.length) yield piece;
      })(),
    );
    let before = -1;
    while (before !== produced) {
      before = produced;
      await turns(200);
    }
    expect(produced).toBeLessThan(KERNEL_BYTES);
    let heard = 0;
    peer.socket.on('data', (chunk: Buffer) => {
      heard += chunk.length;
    });
    // The last piece is counted when the generator goes on behind it.
    while (heard < total || produced < total) await turns(1);
    expect(produced).toBe(total);
  });
});

describe('reading', () => {
  /** Stalls a sender against a reader that does not read; returns the bytes pushed, and the frames in them. */
  async function stall(peer: RawPeer, piece: Buffer): Promise<number> {
    const pushed = await pushUntilStalled(peer.socket as Socket, piece, 64 * MIB);
    expect(pushed).toBeLessThan(KERNEL_BYTES);
    return pushed / piece.length;
  }

  test('a stopped reader stops the sender; going on loses nothing and keeps the order', async () => {
    const { ws, peer } = await facing({ role: 'client' });
    ws.on('data', () => {});
    ws.pause();
    const payload = Buffer.alloc(16 * KIB - 4);
    const count = await stall(peer, hex`82 7e 3ffc ${payload}`);
    expect(ws.stats.messagesReceived).toBeLessThan(4);
    const mark = labelOf(text('end'));
    peer.send(text('end'));
    let got = 0;
    for await (const message of ws) {
      if (typeof message === 'string') {
        expect(labelOf(text(message))).toBe(mark);
        break;
      }
      got++;
    }
    expect(got).toBe(count);
  });

  test('one chunk of many small messages waits inside: one at a time is handed over', async () => {
    const { ws, peer } = await facing({ role: 'client' });
    ws.once('readable', () => {});
    peer.send(...Array.from({ length: 1_000 }, (_, at) => text(`${at}`)));
    await once(ws, 'readable');
    await turns(20);
    expect(ws.readableLength).toBeLessThanOrEqual(2);
    expect(ws.stats.messagesReceived).toBeLessThanOrEqual(2);
    let expected = 0;
    for await (const message of ws) {
      expect(message).toBe(`${expected++}`);
      if (expected === 1_000) break;
    }
  });

  test('as bytes: at most a chunk more than the high-water mark is held', async () => {
    const { ws, peer } = await facing({ role: 'client', readAs: 'bytes', maxMessageBytes: Infinity });
    const count = await stall(peer, hex`82 7e 3ffc ${Buffer.alloc(16 * KIB - 4)}`);
    expect(ws.readableLength).toBeLessThan(256 * KIB);
    let got = 0;
    for await (const chunk of ws) {
      got += (chunk as Buffer).length;
      if (got === count * (16 * KIB - 4)) break;
    }
  });

  test('a message stream that nobody reads stops the sender, and yields all of it later', async () => {
    const { ws, peer } = await facing({ role: 'client', readAs: 'stream', maxMessageBytes: Infinity });
    const messages: MessageStream[] = [];
    ws.on('data', (message: MessageStream) => messages.push(message));
    const total = 32 * MIB;
    peer.send(hex`82 7f 0000000002000000`);
    const pushed = await pushUntilStalled(peer.socket as Socket, Buffer.alloc(64 * KIB), total);
    expect(pushed).toBeLessThan(KERNEL_BYTES);
    const [message] = messages;
    expect(message?.readableLength).toBeLessThan(256 * KIB);
    peer.socket.write(Buffer.alloc(total - pushed));
    expect(await message?.bytes()).toHaveLength(total);
  });
});

describe('pings', () => {
  test('a million pings of a peer that does not read cost one payload once the transport is full', async () => {
    const { ws, peer } = await facing({ reading: false });
    let pings = 0;
    ws.on('ping', () => pings++);
    ws.resume();
    const piece = Buffer.alloc(100, 'p');
    const burst = Array.from({ length: 1_000 }, () => ping(piece));
    for (let i = 0; i < 1_000; i++) {
      peer.send(...burst);
      await turns(2);
      expect(ws.bufferedBytes).toBeLessThan(MIB);
    }
    while (pings < 1_000_000) await once(ws, 'ping');
    expect(ws.bufferedBytes).toBeLessThan(MIB);
    expect(peer.heardBytes).toBe(0);
  }, 60_000);

  test('the newest ping is answered when the peer reads again, and no pong follows a close frame', async () => {
    for (const closes of [false, true]) {
      const { ws, peer } = await facing({ reading: false });
      ws.resume();
      ws.write(Buffer.alloc(KERNEL_BYTES));
      await turns(5);
      const pings: string[] = [];
      ws.on('ping', (payload: Buffer) => pings.push(payload.toString()));
      peer.send(ping('old'), ping('new'));
      while (pings.length < 2) await once(ws, 'ping');
      if (closes) ws.close();
      peer.read();
      await peer.until(() => peer.heardBytes >= KERNEL_BYTES + 10 + 5 + (closes ? 4 : 0));
      if (closes) peer.sendClose(1000);
      else ws.destroy();
      await peer.ended();
      const [, ...control] = peer.frames.map(labelOf);
      expect(control).toEqual([`10 ${Buffer.from('new').toString('hex')}`, ...(closes ? ['8 03e8'] : [])]);
    }
  });
});

test('an echo with both readers stopped holds a bounded amount', async () => {
  const { client, server } = await both({ server: { maxBufferedBytes: 256 * KIB } });
  server.pipe(server);
  const { errors } = lifeOf(server);
  const piece = Buffer.alloc(64 * KIB);
  let written = 0;
  while (written < 64 * MIB) {
    written += piece.length;
    if (client.write(piece)) continue;
    const drained = await Promise.race([once(client, 'drain').then(() => true), turns(2_000).then(() => false)]);
    if (!drained) break;
  }
  expect(server.bufferedBytes).toBeLessThan(MIB);
  client.end();
  let got = 0;
  for await (const message of client) got += (message as Buffer).length;
  expect(got).toBe(written);
  expect(errors).toEqual([]);
});

test('binary messages arrive as bytes that stay', async () => {
  const { ws, peer } = await facing();
  const got: Buffer[] = [];
  ws.on('data', (message: Buffer) => got.push(message));
  for (let at = 0; at < 200; at++) peer.send(binary(Buffer.alloc(20, at)));
  peer.sendClose(1000);
  await once(ws, 'end');
  expect(got).toEqual(Array.from({ length: 200 }, (_, at) => Buffer.alloc(20, at)));
});
