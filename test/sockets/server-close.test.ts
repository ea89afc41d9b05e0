/** A server's connections over real sockets, from the first to the drain. */
import { once } from 'node:events';
import type { WebSocketDuplex } from '../../src/duplex/websocket-duplex.js';
import { createServer } from '../../src/server.js';
import { RawPeer } from '../support/raw-peer.js';
import { rawTo, upgrade } from '../support/raw-upgrade.js';
import { turn } from '../support/streams.js';
import { connected, lifeOf, serving } from '../support/web-sockets.js';

describe('life', () => {
  test('a port in use surfaces as error', async () => {
    const { port } = await serving();
    const second = createServer();
    second.listen(port, '127.0.0.1');
    const [error] = await once(second, 'error');
    expect(error).toMatchObject({ code: 'EADDRINUSE' });
    await second.close();
  });

  test('connections lists those that are open', async () => {
    const { server, url } = await serving({}, (ws) => ws.resume());
    const clients = [connected(url), connected(url), connected(url)];
    while (server.connections.size < 3) await turn();
    for (const client of clients) {
      client.resume();
      await client.close();
    }
    while (server.connections.size > 0) await turn();
  });

  test('iteration yields connections until the server closes, to several loops', async () => {
    const { server, url } = await serving({}, (ws) => ws.end());
    const loop = async () => {
      const seen: WebSocketDuplex[] = [];
      for await (const ws of server) if (seen.push(ws) === 2) setImmediate(() => server.close());
      return seen.length;
    };
    const loops = [loop(), loop()];
    for (const client of [connected(url), connected(url)]) client.resume();
    expect(await Promise.all(loops)).toEqual([2, 2]);
    for await (const ws of server) throw new Error(`a closed server yields ${ws}`);
  });

  test('leaving the loop leaves the server as it is', async () => {
    const { server, url } = await serving();
    connected(url);
    for await (const ws of server) {
      ws.end();
      break;
    }
    expect(server.listenerCount('connection')).toBe(0);
    const again = connected(url);
    await again.opened;
  });
});

describe('close', () => {
  test('1001 to everybody, after what was written; resolves when all are gone', async () => {
    const { server, url } = await serving({}, (ws) => {
      for (let at = 0; at < 100; at++) ws.write(`${at}`);
      ws.resume();
    });
    const clients = Array.from({ length: 5 }, () => connected(url));
    await Promise.all(clients.map((ws) => once(ws, 'readable')));
    const got = clients.map(async (ws) => {
      const messages: unknown[] = [];
      for await (const message of ws) messages.push(message);
      return messages.length;
    });
    const closing = server.close({ reason: 'restart' });
    expect(server.close()).toBe(closing);
    await closing;
    expect(await Promise.all(got)).toEqual([100, 100, 100, 100, 100]);
    for (const ws of clients) expect(await ws.closed).toMatchObject({ code: 1001, reason: 'restart' });
    expect(server.connections.size).toBe(0);
    expect(server.address()).toBeNull();
  });

  test.each([
    ['before it answers', false],
    ['after it has answered', true],
  ])('a peer that does not leave is cut off in time, %s', async (_, answers) => {
    const { server, port } = await serving();
    const arrived = once(server, 'connection');
    const socket = rawTo(port, upgrade());
    socket.allowHalfOpen = true;
    const [ws] = (await arrived) as [WebSocketDuplex];
    const { over } = lifeOf(ws.resume());
    const [head] = (await once(socket, 'data')) as [Buffer];
    expect(head.toString()).toMatch(/^HTTP\/1.1 101 /);
    const peer = new RawPeer(socket, 'client');
    const closed = server.close({ code: 4000, timeoutMs: 30 });
    expect(await peer.closed()).toMatchObject({ code: 4000 });
    if (answers) peer.sendClose(4000);
    await closed;
    expect(await over).toMatchObject({ sent: { code: 4000 } });
    expect(server.connections.size).toBe(0);
  });

  test('a client that is let in during the drain is closed as well', async () => {
    let decide = () => {};
    let asked = () => {};
    const wasAsked = new Promise<void>((resolve) => {
      asked = resolve;
    });
    const { server, url } = await serving({
      accept: () => {
        asked();
        return new Promise<void>((resolve) => {
          decide = resolve;
        });
      },
    });
    const ws = connected(url).resume();
    await wasAsked;
    const closed = server.close();
    decide();
    await closed;
    expect(await ws.closed).toMatchObject({ code: 1001 });
  });

  test('a close code that must not be sent is a UsageError, and the server stays', async () => {
    const { server, url } = await serving();
    for (const wrong of [{ code: 1005, reason: 'x' }, { code: 999 }, { timeoutMs: -1 }]) {
      expect(() => server.close(wrong)).toThrow(expect.objectContaining({ code: 'ERR_WS_USAGE' }));
    }
    await connected(url).opened;
  });
});
