/** A Broadcast behind a real server, to peers that are not ours, with compression and without. */
import { once } from 'node:events';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { WebSocket } from 'ws';
import { Broadcast } from '../../src/broadcast/stream/broadcast.js';
import { prepare } from '../../src/duplex/prepared-message.js';
import { afterTest, serving } from '../support/web-sockets.js';

const LONG = 'a line that is repeated, '.repeat(4_000);

interface Listener {
  /** 'text: …' or 'binary: …'. */
  readonly heard: readonly string[];
  readonly socket: WebSocket;
}

/** A client of the ws package that keeps what it hears. */
async function listener(url: string, perMessageDeflate: object | false): Promise<Listener> {
  const socket = new WebSocket(url, { perMessageDeflate });
  afterTest(() => socket.terminate());
  const heard: string[] = [];
  socket.on('message', (data: Buffer, isBinary: boolean) => heard.push(`${isBinary ? 'binary' : 'text'}: ${data}`));
  await once(socket, 'open');
  return { heard, socket };
}

async function until(one: Listener, count: number): Promise<void> {
  while (one.heard.length < count) await once(one.socket, 'message');
}

const OFFERS = [
  false,
  {},
  { serverNoContextTakeover: true },
  { serverMaxWindowBits: 9 },
  { serverMaxWindowBits: 10, clientNoContextTakeover: true },
] as const;

test('every kind of message to clients of every kind, between messages of their own', async () => {
  const broadcast = new Broadcast();
  const { server, url } = await serving({ deflate: true }, (ws) => broadcast.add(ws));
  const listeners = await Promise.all(OFFERS.map((offer) => listener(url, offer)));
  const messages = ['short', LONG, Buffer.from(LONG), Buffer.alloc(0), '', prepare(LONG, { compress: false }), 'last'];
  for (let round = 0; round < 3; round++) {
    for (const ws of server.connections) ws.write(`own ${LONG.slice(0, 500)}`);
    await writeAll(messages, broadcast);
  }
  const all = messages.map((message) => {
    if (typeof message === 'string') return `text: ${message}`;
    return Buffer.isBuffer(message) ? `binary: ${message}` : `text: ${LONG}`;
  });
  for (const one of listeners) {
    await until(one, 3 * (messages.length + 1));
    expect(one.heard.filter((message) => !message.startsWith('text: own'))).toEqual([...all, ...all, ...all]);
    expect(one.heard.filter((message) => message.startsWith('text: own'))).toHaveLength(3);
  }
  expect(broadcast.stats.delivered).toBe(3 * messages.length * OFFERS.length);
});

test('compressed batches between compressed messages of their own: every context stays in step', async () => {
  const broadcast = new Broadcast();
  const { server, url } = await serving({ deflate: true }, (ws) => broadcast.add(ws));
  const listeners = await Promise.all(OFFERS.map((offer) => listener(url, offer)));
  const own = (round: number) => `own ${round} ${LONG.slice(0, 900)}`;
  for (let round = 0; round < 4; round++) {
    for (const ws of server.connections) ws.write(own(round));
    for (const at of [0, 1, 2]) broadcast.write(`all ${round} ${at} ${LONG.slice(100, 800)}`);
    // The batch has left before the next message of their own.
    for (const one of listeners) await until(one, (round + 1) * 4);
  }
  for (const { heard } of listeners) {
    expect(heard.filter((message) => message.startsWith('text: own'))).toEqual(
      [0, 1, 2, 3].map((at) => `text: ${own(at)}`),
    );
    expect(heard.filter((message) => message.startsWith('text: all'))).toHaveLength(12);
  }
});

async function writeAll(messages: readonly (string | Buffer | ReturnType<typeof prepare>)[], to: Broadcast) {
  for (const message of messages) if (!to.write(message)) await once(to, 'drain');
}

test('a feed over real sockets, closed at its end', async () => {
  const broadcast = new Broadcast({ policy: 'wait', atEnd: 'close' });
  const { url } = await serving({}, (ws) => broadcast.add(ws));
  const listeners = await Promise.all([1, 2, 3, 4].map(() => listener(url, false)));
  const closed = listeners.map(({ socket }) => once(socket, 'close'));
  const lines = Array.from({ length: 5_000 }, (_, at) => `line ${at} `.padEnd(1_000, '.'));
  await pipeline(Readable.from(lines), broadcast);
  for (const [code] of await Promise.all(closed)) expect(code).toBe(1000);
  for (const { heard } of listeners) expect(heard).toEqual(lines.map((line) => `text: ${line}`));
});
