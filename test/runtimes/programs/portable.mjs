/**
 * What has to work on a runtime that is not Node: run by Bun and Deno over the build, and by Node to see that it is right.
 * Prints a line of JSON for each check, `{ area, name, error }`; the last line is `{ done: true }`.
 *
 * Knows: the public API, over real sockets.
 * Does not know: which runtime it is on, and which checks it is excused from (support/runtimes.ts).
 */
import assert from 'node:assert';
import { once } from 'node:events';
import * as net from 'node:net';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import * as framepipe from '../../../dist/index.js';
import { codecChecks } from './codec-checks.mjs';

const { acceptKey, Broadcast, connect, createServer, FrameDecoder, FrameEncoder, ServerUpgrade } = framepipe;
const DEADLINE_MS = 15_000;

async function check(area, name, work) {
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error('not done after 15 s')), DEADLINE_MS);
  });
  const error = await Promise.race([work(), late]).then(
    () => null,
    (thrown) => String(thrown?.message ?? thrown).split('\n')[0],
  );
  clearTimeout(timer);
  console.log(JSON.stringify({ area, name, error }));
}

/** Runs `work` with the address of a server that does `onConnection`. */
async function serving(options, onConnection, work) {
  const server = createServer({ ...options, port: 0, host: '127.0.0.1' }, onConnection);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  try {
    return await work(`ws://127.0.0.1:${server.address().port}`, server);
  } finally {
    await server.close({ timeoutMs: 100 });
  }
}

const echo = (ws) => void pipeline(ws, ws).catch(() => {});

await codecChecks(framepipe, (name, work) => check('codec', name, work));

await check('codec', 'acceptKey, as in RFC 6455 §1.3', async () => {
  assert.equal(acceptKey('dGhlIHNhbXBsZSBub25jZQ=='), 's3pPLMBiTxaQ9kYGzzhZRbK+xOo=');
});

for (const [area, deflate] of [
  ['echo', false],
  ['compression', true],
]) {
  await check(area, 'text and binary of 0 bytes to 1 MiB come back', () =>
    serving({ deflate }, echo, async (url) => {
      const ws = connect(url, { deflate });
      const sent = ['', 'hello', 'é'.repeat(70_000), Buffer.alloc(0), Buffer.alloc(1_048_576, 'framepipe')];
      for (const message of sent) ws.write(message);
      const got = [];
      for await (const message of ws) {
        got.push(message);
        if (got.length === sent.length) ws.end();
      }
      assert.deepStrictEqual(got, sent);
      assert.equal(ws.extensions.length, deflate ? 1 : 0);
    }),
  );
}

await check('pipeline', 'a source into a socket resolves when the peer has closed cleanly', () => {
  const got = [];
  const take = async (ws) => {
    for await (const message of ws) got.push(message);
  };
  return serving({}, take, async (url) => {
    await pipeline(Readable.from(['one', 'two']), connect(url).resume());
    assert.deepEqual(got, ['one', 'two']);
  });
});

await check('pipeline', 'a socket that is lost rejects, and so does half a message', () =>
  serving({}, echo, async (url, server) => {
    const ws = connect(url).resume();
    await ws.opened;
    const lost = once(ws, 'close').catch((error) => error);
    for (const one of server.connections) one.destroy();
    await lost;
    assert.equal((await ws.closed).code === 1000, false);
  }),
);

await check('pipeline', '8 MiB as one streamed message, with a reader that is slow', () =>
  serving({ readAs: 'stream' }, echo, async (url) => {
    const ws = connect(url, { readAs: 'bytes' });
    const chunk = Buffer.alloc(65_536, 'x');
    const sending = new Promise((resolve, reject) => {
      ws.write(Readable.from(Array(128).fill(chunk)), (error) => (error ? reject(error) : resolve()));
    });
    let bytes = 0;
    for await (const piece of ws) {
      bytes += piece.length;
      await new Promise((resolve) => setImmediate(resolve));
      if (bytes === 128 * 65_536) ws.end();
    }
    await sending;
    assert.equal(bytes, 128 * 65_536);
  }),
);

await check('stages', 'an echo of ServerUpgrade, FrameDecoder and FrameEncoder on a net.Socket', async () => {
  const server = net.createServer((socket) => {
    const bytes = new ServerUpgrade(socket);
    const [decoder, encoder] = [new FrameDecoder({ role: 'server' }), new FrameEncoder({ role: 'server' })];
    pipeline(bytes, decoder, encoder, bytes).catch(() => {});
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const ws = connect(`ws://127.0.0.1:${server.address().port}`);
  ws.write('staged');
  for await (const message of ws) {
    assert.equal(message, 'staged');
    ws.end();
  }
  server.close();
});

for (const code of [1000, 1001, 3000, 4999]) {
  await check('closing', `${code} with a reason, both sides know it`, async () => {
    let heard;
    const listen = (ws) => {
      heard = ws.resume().closed;
    };
    await serving({}, listen, async (url) => {
      const ws = connect(url).resume();
      await ws.opened;
      assert.equal((await ws.close(code, 'why')).code, code);
      const { received } = await heard;
      assert.deepEqual(received, { code, reason: 'why' });
    });
  });
}

await check('closing', 'a breach of the protocol is closed with 1002 and named', () => {
  let failed;
  const listen = (ws) => {
    failed = once(ws.resume(), 'close').catch((error) => error);
  };
  return serving({}, listen, async (url) => {
    const socket = net.connect(Number(new URL(url).port), '127.0.0.1');
    const key = 'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n';
    socket.write(`GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n${key}`);
    await once(socket, 'data');
    socket.write(Buffer.from([0x83, 0x80, 0, 0, 0, 0]));
    const chunks = [];
    for await (const chunk of socket) chunks.push(chunk);
    const [first, , high, low] = Buffer.concat(chunks);
    assert.deepEqual([first, high * 256 + low], [0x88, 1002]);
    assert.equal((await failed).code, 'ERR_WS_RESERVED_OPCODE');
  });
});

await check('broadcast', 'a message to ten sockets, framed once', async () => {
  const room = new Broadcast();
  await serving(
    {},
    (ws) => room.add(ws.resume()),
    async (url, server) => {
      const clients = Array.from({ length: 10 }, () => connect(url));
      await Promise.all(clients.map((ws) => ws.opened));
      while (server.connections.size < clients.length) await new Promise((resolve) => setImmediate(resolve));
      const heard = Promise.all(clients.map(async (ws) => (await once(ws, 'data'))[0]));
      room.write('to all');
      assert.deepEqual(await heard, Array(10).fill('to all'));
      for (const ws of clients) ws.resume().end();
      await Promise.all(clients.map((ws) => ws.closed));
    },
  );
});

console.log(JSON.stringify({ done: true }));
process.exit(0);
