/**
 * The test programs of libwebsockets, which do what they do and take no orders: a server whose mirror sends everything
 * back, and a client that draws on such a mirror.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { connect } from '../../src/client.js';
import type { WebSocketDuplex } from '../../src/duplex/websocket-duplex.js';
import { createServer } from '../../src/server.js';
import { packageVersion } from './support/debian.js';
import { missing, startOnFreePort } from './support/proxies.js';
import { leave, type Row } from './support/results.js';

const FROM = 'Debian: libwebsockets-test-server';
const SERVER = '/usr/bin/libwebsockets-test-server';
const CLIENT = '/usr/bin/libwebsockets-test-client';
const MIRROR = 'lws-mirror-protocol';
const DUMB = 'dumb-increment-protocol';

const notHere = missing({ command: SERVER, from: FROM });
const given = notHere === null ? describe : describe.skip;

given(notHere === null ? 'libwebsockets' : `libwebsockets is not here: ${notHere}`, () => {
  const rows: Row[] = [];
  const saw = (role: string, passed: Record<string, number>) => {
    const notes = [
      'Its test programs take no orders, so fewer things were tried.',
      'With compression its test client stops reading its socket after some tens of messages sent back to it; without, it does not.',
    ];
    rows.push({
      name: 'libwebsockets',
      from: FROM,
      version: packageVersion('libwebsockets-test-server'),
      role,
      passed,
      notes,
    });
  };
  afterAll(() => leave('libwebsockets', rows));

  test('as the server: mirrors text, answers a ping, closes with our code and reason', async () => {
    const program = await startOnFreePort(
      SERVER,
      () => '',
      (_, port) => [`--port=${port}`],
    );
    try {
      const ws = connect(`ws://127.0.0.1:${program.port}`, { subprotocols: [MIRROR], deflate: true });
      const drawing = 'c #ff0000 1 2 3 4;';
      ws.write(drawing);
      expect((await ws.iterator({ destroyOnReturn: false }).next()).value).toBe(drawing);
      expect(ws.subprotocol).toBe(MIRROR);
      expect(await ws.ping('p'.repeat(125))).toBeGreaterThan(0);
      expect(await ws.close(1000, 'bye')).toMatchObject({ received: { code: 1000, reason: 'bye' } });
      saw('server', { handshake: 1, messages: 1, pings: 1, closing: 1 });
    } finally {
      await program.stop();
    }
  });

  const ways = [
    { says: 'compressed, nothing is sent back', deflate: true },
    { says: 'plain, each message is sent back', deflate: false },
  ];
  test.each(ways)('as the client: two connections, a hundred messages, a ping, a close; $says', async ({ deflate }) => {
    const server = createServer({ subprotocols: [DUMB, MIRROR], deflate });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const opened = server[Symbol.asyncIterator]();
    const program = spawn(CLIENT, ['127.0.0.1', `--port=${port}`], { stdio: 'ignore' });
    const ended = once(program, 'close');
    try {
      const pair: WebSocketDuplex[] = [(await opened.next()).value, (await opened.next()).value];
      expect(pair.map(({ subprotocol }) => subprotocol).sort()).toEqual([DUMB, MIRROR]);
      for (const ws of pair) expect(ws.extensions).toHaveLength(deflate ? 1 : 0);
      const mirror = pair.find(({ subprotocol }) => subprotocol === MIRROR);
      let drawn = 0;
      for await (const message of mirror?.iterator({ destroyOnReturn: false }) ?? []) {
        expect(message).toMatch(/^c #[0-9A-F]{6} \d+ \d+ \d+;$/);
        if (!deflate) mirror?.write(message);
        if (++drawn === 100) break;
      }
      mirror?.resume();
      expect(await mirror?.ping()).toBeGreaterThan(0);
      expect(await mirror?.close(1000, 'bye')).toMatchObject({ received: { code: 1000, reason: 'bye' } });
      if (!deflate) saw('client', { handshake: 1, messages: 1, pings: 1, closing: 1 });
    } finally {
      program.kill('SIGKILL');
      await Promise.all([ended, server.close({ timeoutMs: 1 })]);
    }
  });
});
