/** `connect` over real sockets: before the handshake, when it fails, when it is given up. */
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer as createHttpsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect } from '../../src/client.js';
import { HandshakeError, UsageError } from '../../src/errors.js';
import { createServer } from '../../src/server.js';
import { accepted, type RawRequest, rawServer, responseHead, TLS } from '../support/raw-server.js';
import { collect } from '../support/streams.js';
import { afterTest, connected, lifeOf, next, serving } from '../support/web-sockets.js';

async function answering(answer: (request: RawRequest) => void) {
  const server = await rawServer(answer);
  afterTest(() => server.close());
  return { server, url: `ws://127.0.0.1:${server.port}` };
}

test('writes before the handshake is done are sent after it, in order, and counted meanwhile', async () => {
  const { url } = await serving({}, (ws) => ws.pipe(ws));
  const ws = connected(url, { maxBufferedBytes: 100_000 });
  const messages = ['one', 'two', 'x'.repeat(120_000)];
  expect(messages.map((message) => ws.write(message))).toEqual([true, true, false]);
  expect(ws.bufferedBytes).toBeGreaterThan(120_000);
  expect(ws.stats.bytesSent).toBe(0);
  ws.end();
  expect(await collect(ws)).toEqual(messages);
  expect(await ws.closed).toMatchObject({ code: 1000 });
});

test("'open' and opened come once it can be used; url, subprotocol and extensions are then known", async () => {
  const { url } = await serving({ subprotocols: ['chat'] });
  const ws = connected(`${url}/path?query`, { subprotocols: ['chat'] });
  expect([ws.url, ws.subprotocol]).toEqual([undefined, null]);
  await Promise.all([once(ws, 'open'), ws.opened]);
  expect([ws.url, ws.subprotocol, ws.extensions, ws.request]).toEqual([`${url}/path?query`, 'chat', [], undefined]);
});

test('frames that come with the 101 are read', async () => {
  const { url } = await answering(({ socket, head }) => {
    socket.write(Buffer.concat([Buffer.from(accepted(head)), Buffer.from('8102', 'hex'), Buffer.from('hi')]));
  });
  expect(await next(connected(url))).toBe('hi');
});

test('a refusal rejects opened and destroys the socket with the same HandshakeError', async () => {
  const { url } = await answering(({ socket }) => socket.end(responseHead('403 Forbidden', ['Content-Length: 0'])));
  const ws = connected(url);
  const { over, errors } = lifeOf(ws);
  const written = new Promise((resolve) => ws.write('never sent', resolve));
  const error = await ws.opened.catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(HandshakeError);
  expect(error).toMatchObject({ code: 'ERR_WS_HANDSHAKE_REFUSED', status: 403 });
  expect(await written).toBeInstanceOf(Error);
  expect(await over).toEqual({ code: 1006, reason: '' });
  expect(errors).toEqual([error]);
});

test('a refusal that nobody listens to is silent', async () => {
  const { url } = await answering(({ socket }) => socket.destroy());
  expect(await connected(url).closed).toEqual({ code: 1006, reason: '' });
});

test('a server that does not answer is given up', async () => {
  const { url } = await answering(() => {});
  await expect(connected(url, { handshakeTimeoutMs: 20 }).opened).rejects.toMatchObject({
    code: 'ERR_WS_HANDSHAKE_TIMEOUT',
  });
});

test('destroying the socket gives the handshake up', async () => {
  const { server, url } = await answering(() => {});
  const ws = connected(url);
  while (server.requests.length === 0) await new Promise((resolve) => setImmediate(resolve));
  const [{ socket } = {}] = server.requests;
  ws.destroy();
  await expect(ws.opened).rejects.toMatchObject({ code: 'ERR_WS_CUT_OFF' });
  if (socket === undefined) throw new Error('There is no connection.');
  await once(socket, 'end');
});

test('aborting before the handshake is done, after it, and before it begins', async () => {
  const { server, url } = await serving({}, (ws) => ws.resume());
  for (const when of ['before', 'during', 'after'] as const) {
    const controller = new AbortController();
    if (when === 'before') controller.abort();
    const ws = connected(url, { signal: controller.signal });
    const { over, errors } = lifeOf(ws);
    if (when === 'after') await ws.opened;
    controller.abort();
    await over;
    expect(errors).toMatchObject([{ name: 'AbortError', code: 'ABORT_ERR' }]);
    if (when !== 'after') await expect(ws.opened).rejects.toMatchObject({ name: 'AbortError' });
  }
  while (server.connections.size > 0) await new Promise((resolve) => setImmediate(resolve));
});

test('closing before the handshake is done closes once it is, with what was written before', async () => {
  const got: unknown[] = [];
  const { server, url } = await serving({}, (ws) => ws.on('data', (message) => got.push(message)));
  const arrived = once(server, 'connection');
  const ws = connected(url);
  ws.write('first');
  expect(await ws.close(4000, 'changed my mind')).toMatchObject({ code: 4000, received: { code: 4000 } });
  await arrived;
  expect(got).toEqual(['first']);
});

test.each(['http', 'not a url', 'ftp://a', 'ws://a/#fragment'])('connect(%p) is a UsageError at once', (url) => {
  expect(() => connect(url)).toThrow(UsageError);
});

test('a bad option is a UsageError at once', () => {
  expect(() => connect('ws://127.0.0.1:1', { maxMessageBytes: -1 })).toThrow(UsageError);
  expect(() => connect('ws://127.0.0.1:1', { keepAlive: 5 as never })).toThrow(UsageError);
});

test('ws+unix: a Unix socket', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'framepipe-'));
  afterTest(() => rmSync(folder, { recursive: true }));
  const path = join(folder, 's');
  const server = createServer({ path: '/chat' }, (ws) => ws.pipe(ws));
  afterTest(() => server.close({ timeoutMs: 50 }));
  await once(server.listen(path), 'listening');
  const ws = connected(`ws+unix:${path}:/chat`);
  ws.end('over a file');
  expect(await collect(ws)).toEqual(['over a file']);
});

test('wss: TLS, on an https.Server', async () => {
  const https = createHttpsServer(TLS);
  const server = createServer({ server: https }, (ws) => ws.pipe(ws));
  https.listen(0, '127.0.0.1');
  await once(https, 'listening');
  afterTest(() => new Promise((resolve) => https.close(resolve)));
  afterTest(() => server.close({ timeoutMs: 50 }));
  const { port } = https.address() as AddressInfo;
  await expect(connected(`wss://127.0.0.1:${port}`).opened).rejects.toBeInstanceOf(HandshakeError);
  const ws = connected(`wss://127.0.0.1:${port}`, { tls: { ca: TLS.cert } });
  const big = Buffer.alloc(1_000_000, 'tls');
  ws.write('hello');
  ws.end(big);
  const got = await collect(ws);
  expect(got[0]).toBe('hello');
  expect(big.equals(got[1] as Buffer)).toBe(true);
  expect(await ws.closed).toMatchObject({ code: 1000 });
});
