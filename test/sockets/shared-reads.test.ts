/** Connections that are read into the same memory: what one has read is never what another one gets. */
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createServer as createHttpServer } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { createServer } from '../../src/server.js';
import { text } from '../support/frames.js';
import { readFieldsOf, tellOfRead } from '../support/read-fields.js';
import { socketPair } from '../support/socket-pair.js';
import { afterTest, connected, facing, lifeOf, serving } from '../support/web-sockets.js';
import { repeatable } from '../support/wire.js';

const random = repeatable(15);

/** Sizes on both sides of each limit below which payloads are kept in another way. */
const SIZES = [
  0, 1, 20, 125, 126, 511, 512, 1_023, 1_024, 1_025, 4_095, 4_096, 16_384, 32_768, 65_535, 262_144, 700_000,
];

function someMessages(count: number): (string | Buffer)[] {
  return Array.from({ length: count }, () => {
    const bytes = Buffer.alloc(SIZES[random(SIZES.length)] as number, random(1 << 30).toString(36));
    return random(2) === 0 ? bytes : bytes.toString();
  });
}

const digest = (messages: readonly (string | Buffer)[]) =>
  messages.map((message) => `${typeof message} ${createHash('sha1').update(message).digest('base64')}`);

test('this Node reads the sockets of a server into shared memory', async () => {
  const transports: Socket[] = [];
  const http = createHttpServer().on('connection', (socket) => transports.push(socket));
  createServer({ server: http }, (ws) => ws.pipe(ws));
  http.listen(0, '127.0.0.1');
  await once(http, 'listening');
  const ws = connected(`ws://127.0.0.1:${(http.address() as AddressInfo).port}`);
  afterTest(() => http.close());
  ws.resume();
  await ws.opened;
  expect(transports.map((socket) => readFieldsOf(socket).kBuffer)).toEqual([expect.any(Buffer)]);
  await ws.close();
});

describe.each([false, true])('messages of any size, compressed: %s', (deflate) => {
  test('of ten connections at a time are what was sent, and stay it', async () => {
    const seen = new Map<string, (string | Buffer)[]>();
    const { url } = await serving({ deflate }, (ws, request) => {
      const messages: (string | Buffer)[] = [];
      seen.set(request.url ?? '', messages);
      ws.on('data', (message) => {
        messages.push(message);
        // Every tenth holds the reader up in the middle of what was read.
        if (messages.length % 10 > 0) return;
        ws.pause();
        setImmediate(() => ws.resume());
      });
    });
    const sent = Array.from({ length: 10 }, () => someMessages(40));
    const back = await Promise.all(
      sent.map(async (messages, at) => {
        const ws = connected(`${url}/${at}`, { deflate });
        for (const message of messages) if (!ws.write(message)) await once(ws, 'drain');
        ws.resume();
        await ws.close();
        return seen.get(`/${at}`) ?? [];
      }),
    );
    // Only now: everything else has been read into the same memory since.
    expect(back.map(digest)).toEqual(sent.map(digest));
  }, 60_000);
});

test('whoever has listened to the socket before goes on to see its bytes', async () => {
  let seen = 0;
  const http = createHttpServer().on('connection', (socket) => {
    socket.on('data', (chunk) => {
      seen += chunk.length;
    });
  });
  createServer({ server: http }, (ws) => ws.pipe(ws));
  http.listen(0, '127.0.0.1');
  await once(http, 'listening');
  const ws = connected(`ws://127.0.0.1:${(http.address() as AddressInfo).port}`);
  afterTest(() => http.close());
  ws.write('x'.repeat(100_000));
  const [echo] = await once(ws, 'data');
  expect(echo).toBe('x'.repeat(100_000));
  expect(seen).toBeGreaterThan(100_000);
  await ws.close();
});

test('a nested event loop that reads another connection fails the one whose bytes it has written over', async () => {
  const [ends, others] = [await socketPair(), await socketPair()];
  const { ws, peer } = await facing({ ends: [ends.near, ends.far] });
  const { ws: other } = await facing({ ends: [others.near, others.far] });
  const life = lifeOf(ws);
  const messages: unknown[] = [];
  ws.on('data', (message) => {
    messages.push(message);
    tellOfRead(others.near, 0);
  });
  other.resume();
  peer.send(text('A'), text('B'), text('C'));
  await life.over;
  expect(life.errors).toMatchObject([{ code: 'ERR_WS_CUT_OFF', cause: expect.any(Error) }]);
  expect(messages).toEqual(['A']);
});
