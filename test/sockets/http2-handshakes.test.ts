/** Handshakes of `connect` over HTTP/2 that end badly, and what they agree on when they end well. */
import { once } from 'node:events';
import { type AddressInfo, createServer as createTcpServer } from 'node:net';
import type { ConnectOptions } from '../../src/client.js';
import type { WebSocketDuplex } from '../../src/duplex/websocket-duplex.js';
import { http2Serving, IDENTITY } from '../support/http2.js';
import { afterTest, connected, next } from '../support/web-sockets.js';

const TRUST: ConnectOptions = { tls: { ca: IDENTITY.cert } };
const echo = (ws: WebSocketDuplex) => ws.pipe(ws);

describe('refusals', () => {
  test('carry the status and what the body says', async () => {
    const { port } = await http2Serving({ tls: true, accept: () => ({ status: 401, why: 'Who are you?' }) });
    await expect(connected(`wss://localhost:${port}`, { ...TRUST, http: '2' }).opened).rejects.toMatchObject({
      code: 'ERR_WS_HANDSHAKE_REFUSED',
      status: 401,
      facts: { body: '"Who are you?"' },
    });
  });

  test('a redirect is followed, to the same server or to another one', async () => {
    const far = await http2Serving({ tls: true, path: '/new' }, echo);
    const location = `wss://localhost:${far.port}/new`;
    const { port } = await http2Serving({
      tls: true,
      accept: () => ({ status: 307, headers: { Location: location } }),
    });
    const ws = connected(`wss://localhost:${port}`, { ...TRUST, http: '2', followRedirects: true });
    ws.write('over');
    expect(await next(ws)).toBe('over');
    expect(ws.response?.httpVersion).toBe('2.0');
    expect(ws.url).toBe(location);
  });

  test('time runs out while the server says nothing at all', async () => {
    const silent = createTcpServer().listen(0, '127.0.0.1');
    await once(silent, 'listening');
    afterTest(() => silent.close());
    const { port } = silent.address() as AddressInfo;
    for (const scheme of ['ws', 'wss']) {
      const ws = connected(`${scheme}://127.0.0.1:${port}`, { http: '2', handshakeTimeoutMs: 50 });
      await expect(ws.opened).rejects.toMatchObject({ code: 'ERR_WS_HANDSHAKE_TIMEOUT' });
    }
  });

  test('a certificate that nobody trusts is refused by default', async () => {
    const { port } = await http2Serving({ tls: true });
    await expect(connected(`wss://localhost:${port}`, { http: '2' }).opened).rejects.toMatchObject({
      code: 'ERR_WS_UNREACHABLE',
    });
  });
});

test('given up before it is open, nothing is left', async () => {
  const { port, server } = await http2Serving({ tls: true, accept: () => new Promise<void>(() => {}) });
  const ws = connected(`wss://localhost:${port}`, { ...TRUST, http: '2' });
  ws.opened.catch(() => {});
  ws.destroy();
  await ws.closed;
  expect(server.connections.size).toBe(0);
});

test('compression, subprotocols and pings are as over HTTP/1.1', async () => {
  const { port } = await http2Serving({ tls: true, deflate: true, subprotocols: ['b'] }, echo);
  const ws = connected(`wss://localhost:${port}`, { ...TRUST, http: '2', deflate: true, subprotocols: ['a', 'b'] });
  const long = 'compress me '.repeat(10_000);
  ws.write(long);
  expect(await next(ws)).toBe(long);
  expect(ws.stats.bytesReceived).toBeLessThan(5_000);
  expect(ws.subprotocol).toBe('b');
  expect(await ws.ping()).toBeGreaterThanOrEqual(0);
  expect(await ws.close()).toMatchObject({ code: 1000 });
});
