/** RFC 6455 §4 over TCP: what the client asks, which answers it takes, which requests a server takes. */

import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { createServer as createTlsServer, type TLSSocket } from 'node:tls';
import fc from 'fast-check';
import { acceptKey } from '../../src/handshake/accept-key.js';
import { brokenRequests, brokenResponses, handshakeRequests } from '../support/arbitraries.js';
import { accepted, field, rawServer, TLS } from '../support/raw-server.js';
import { rawTo, upgrade } from '../support/raw-upgrade.js';
import { received } from '../support/received.js';
import { statusOf } from '../support/server-upgrade.js';
import { afterTest, connected, serving } from '../support/web-sockets.js';

/** A raw server that accepts everything, with what it was asked. */
async function asking() {
  const server = await rawServer(({ socket, head }) => socket.write(accepted(head)));
  afterTest(() => server.close());
  return server;
}

/** The head that a server answers raw bytes with. */
async function headOf(port: number, bytes: Buffer | string): Promise<string> {
  const socket = rawTo(port, bytes);
  let head = '';
  while (!head.includes('\r\n\r\n')) head += String((await once(socket, 'data'))[0]);
  socket.destroy();
  return head;
}

describe('§4.1 the client', () => {
  test('§4.1 the client asks for a WebSocket', async () => {
    const server = await asking();
    await connected(`ws://127.0.0.1:${server.port}/chat?room=1`, { subprotocols: ['a', 'b'] }).opened;
    const head = server.requests[0]?.head ?? '';
    expect(head.split('\r\n')[0]).toBe('GET /chat?room=1 HTTP/1.1');
    const names = ['Host', 'Upgrade', 'Connection', 'Sec-WebSocket-Version', 'Sec-WebSocket-Protocol', 'Origin'];
    expect(names.map((name) => field(head, name))).toEqual([
      [`127.0.0.1:${server.port}`],
      ['websocket'],
      ['Upgrade'],
      ['13'],
      ['a, b'],
      [],
    ]);
    expect(Buffer.from(field(head, 'Sec-WebSocket-Key').join(), 'base64')).toHaveLength(16);
  });

  test('§4.1 a server that cannot be reached fails the connection', async () => {
    const unused = createServer().listen(0, '127.0.0.1');
    await once(unused, 'listening');
    const { port } = unused.address() as AddressInfo;
    unused.close();
    await once(unused, 'close');
    await expect(connected(`ws://127.0.0.1:${port}`).opened).rejects.toMatchObject({ code: 'ERR_WS_UNREACHABLE' });
  });

  test('§4.1 the client names the host in the TLS handshake', async () => {
    const server = createTlsServer({ ...TLS }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    afterTest(() => server.close());
    const { port } = server.address() as AddressInfo;
    const ws = connected(`wss://localhost:${port}`, { tls: { rejectUnauthorized: false } });
    ws.opened.catch(() => {});
    const [socket] = (await once(server, 'secureConnection')) as [TLSSocket & { servername: string }];
    expect(socket.servername).toBe('localhost');
    socket.destroy();
  });

  test('§4.1 nothing follows the request until it is answered', async () => {
    let answer = () => {};
    const server = await rawServer(({ socket, head }) => {
      answer = () => void socket.write(accepted(head));
    });
    afterTest(() => server.close());
    const ws = connected(`ws://127.0.0.1:${server.port}`);
    ws.write('early');
    while (server.requests.length === 0) await new Promise((resolve) => setImmediate(resolve));
    const { socket, head } = server.requests[0] ?? { socket: null, head: '' };
    expect(head.endsWith('\r\n\r\n')).toBe(true);
    const bytesBefore = socket?.bytesRead;
    expect(bytesBefore).toBe(head.length);
    answer();
    await ws.opened;
  });

  test('§4.1 an answer with a fault is not taken', async () => {
    const law = fc.asyncProperty(fc.integer(), async (seed) => {
      const server = await rawServer(({ socket, head }) => {
        const key = field(head, 'Sec-WebSocket-Key').join();
        // Ended, so that a refusal is complete.
        socket.end(fc.sample(brokenResponses({ key }), { seed, numRuns: 1 })[0]?.bytes ?? '');
      });
      const { opened } = connected(`ws://127.0.0.1:${server.port}`);
      await expect(opened).rejects.toMatchObject({
        code: expect.stringMatching(/^ERR_WS_HANDSHAKE_(INVALID|REFUSED)$/),
      });
      await server.close();
    });
    await fc.assert(law, { numRuns: 60 });
  });
});

describe('§4.2 the server', () => {
  test('§4.2.2 a legal request is answered with 101, in every legal spelling', async () => {
    const { port } = await serving({}, (ws) => ws.destroy());
    const law = fc.asyncProperty(handshakeRequests(), async ({ bytes, key }) => {
      const head = await headOf(port, bytes);
      expect([statusOf(head), field(head, 'Sec-WebSocket-Accept')]).toEqual([101, [acceptKey(key)]]);
      expect([field(head, 'Upgrade'), field(head, 'Connection')]).toEqual([['websocket'], ['Upgrade']]);
      expect([field(head, 'Sec-WebSocket-Protocol'), field(head, 'Sec-WebSocket-Extensions')]).toEqual([[], []]);
    });
    await fc.assert(law, { numRuns: 60 });
  });

  test('§4.2.1 a request with a fault is refused, and the connection closed', async () => {
    const { port } = await serving();
    const law = fc.asyncProperty(brokenRequests(), async ({ bytes }) => {
      const answer = await received(rawTo(port, bytes));
      expect(statusOf(answer)).toBeGreaterThanOrEqual(400);
      expect(field(answer, 'Sec-WebSocket-Accept')).toEqual([]);
    });
    await fc.assert(law, { numRuns: 100 });
  });

  test('§4.2.2 a path that is not served is answered with 404', async () => {
    const { port } = await serving({ path: '/chat' });
    expect(statusOf(await headOf(port, upgrade('/other')))).toBe(404);
    expect(statusOf(await headOf(port, upgrade('/chat?x')))).toBe(101);
  });

  test('§4.2.2 a subprotocol is chosen among those offered, or the field is not sent', async () => {
    const { port } = await serving({ subprotocols: ['v2', 'v1'] });
    const chosen = async (offer: string) =>
      field(await headOf(port, upgrade('/', { 'Sec-WebSocket-Protocol': offer })), 'Sec-WebSocket-Protocol');
    expect(await chosen('v1, v2')).toEqual(['v2']);
    expect(await chosen('v3')).toEqual([]);
  });

  test.each(['12', '8', '0', '255'])('§4.4 another version is answered with 426 and ours: %s', async (version) => {
    const { port } = await serving();
    const head = await headOf(port, upgrade('/', { 'Sec-WebSocket-Version': version }));
    expect([statusOf(head), field(head, 'Sec-WebSocket-Version')]).toEqual([426, ['13']]);
  });
});
