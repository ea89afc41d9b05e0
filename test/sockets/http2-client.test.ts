/** `connect` over HTTP/2: shared sessions, negotiation, fallback, and what a lost session does to its sockets. */
import { once } from 'node:events';
import http2 from 'node:http2';
import type { AddressInfo } from 'node:net';
import tls from 'node:tls';
import type { ConnectOptions } from '../../src/client.js';
import type { WebSocketDuplex } from '../../src/duplex/websocket-duplex.js';
import { createServer } from '../../src/server.js';
import { type Http2Serving, http2Serving, http2Session, IDENTITY, LOST_SESSION } from '../support/http2.js';
import { afterTest, connected, lifeOf, next } from '../support/web-sockets.js';

const TRUST: ConnectOptions = { tls: { ca: IDENTITY.cert } };
const echo = (ws: WebSocketDuplex) => ws.pipe(ws);

/** Echoes once, and tells over which version of HTTP. */
async function used(ws: WebSocketDuplex): Promise<string | undefined> {
  ws.write('over');
  expect(await next(ws)).toBe('over');
  return ws.response?.httpVersion;
}

test('many WebSockets share one session, which closes when the last one does', async () => {
  const { port, sessions, server } = await http2Serving({ tls: true }, echo);
  const url = `wss://localhost:${port}/chat`;
  const sockets = Array.from({ length: 50 }, () => connected(url, { ...TRUST, http: '2' }));
  expect(await Promise.all(sockets.map(used))).toEqual(Array(50).fill('2.0'));
  expect(sessions).toHaveLength(1);
  expect(sockets[0]?.url).toBe(url);
  expect([...server.connections].map(({ request }) => request?.headers.host)).toContain(`localhost:${port}`);
  const [last, ...others] = sockets;
  await Promise.all(others.map((ws) => ws.close()));
  expect(sessions[0]?.closed).toBe(false);
  await last?.close();
  if (!sessions[0]?.destroyed) await once(sessions[0] as http2.ServerHttp2Session, 'close');
  expect(await used(connected(url, { ...TRUST, http: '2' }))).toBe('2.0');
  expect(sessions).toHaveLength(2);
});

test('whoever trusts differently, or is somebody else, has a session of its own', async () => {
  const { port, sessions } = await http2Serving({ tls: true }, echo);
  const url = `wss://localhost:${port}`;
  const kinds: ConnectOptions[] = [
    TRUST,
    { tls: { rejectUnauthorized: false } },
    { tls: { ...TRUST.tls, ...IDENTITY } },
  ];
  for (const kind of [...kinds, ...kinds]) await used(connected(url, { ...kind, http: '2' }));
  expect(sessions).toHaveLength(3);
});

test('a server that lets few streams in gets more sessions', async () => {
  const settings = { maxConcurrentStreams: 3 };
  const { port, sessions } = await http2Serving({ tls: true, http2: { settings } }, echo);
  const sockets = Array.from({ length: 10 }, () => connected(`wss://localhost:${port}`, { ...TRUST, http: '2' }));
  await Promise.all(sockets.map(used));
  expect(sessions).toHaveLength(4);
});

test('one that lets nobody in is given up', async () => {
  const { port, sessions } = await http2Serving({ tls: true, http2: { settings: { maxConcurrentStreams: 0 } } });
  const ws = connected(`wss://localhost:${port}`, { ...TRUST, http: '2' });
  await expect(ws.opened).rejects.toMatchObject({ code: 'ERR_WS_UNREACHABLE' });
  expect(sessions).toHaveLength(3);
});

describe("http: 'auto'", () => {
  test('HTTP/2 where it is offered, HTTP/1.1 where it is not, on the same connection', async () => {
    const young = await http2Serving({ tls: true, http2: { allowHTTP1: true } }, echo);
    expect(await used(connected(`wss://localhost:${young.port}`, { ...TRUST, http: 'auto' }))).toBe('2.0');

    let connections = 0;
    const old = tls.createServer({ ...IDENTITY, ALPNProtocols: ['http/1.1'] }, (socket) => {
      connections++;
      server.emit('connection', socket);
    });
    const server = (await import('node:http')).createServer();
    createServer({ server }, echo);
    old.listen(0, '127.0.0.1');
    await once(old, 'listening');
    afterTest(() => old.close());
    const url = `wss://localhost:${(old.address() as AddressInfo).port}`;
    expect(await used(connected(url, { ...TRUST, http: 'auto' }))).toBe('1.1');
    expect(connections).toBe(1);
    expect(await Promise.all([1, 2, 3].map(() => used(connected(url, { ...TRUST, http: 'auto' }))))).toEqual([
      '1.1',
      '1.1',
      '1.1',
    ]);
    expect(connections).toBe(4);
  });

  test('HTTP/1.1 when the SETTINGS do not allow CONNECT, and that session is closed', async () => {
    const http = http2.createSecureServer({ ...IDENTITY, allowHTTP1: true });
    const server = createServer(echo);
    http.on('upgrade', (request, socket, head) => server.handleUpgrade(request, socket, head));
    const sessions: http2.ServerHttp2Session[] = [];
    http.on('session', (session) => sessions.push(session));
    http.listen(0, '127.0.0.1');
    await once(http, 'listening');
    afterTest(() => http.close());
    const url = `wss://localhost:${(http.address() as AddressInfo).port}`;
    expect(await used(connected(url, { ...TRUST, http: 'auto' }))).toBe('1.1');
    expect(sessions).toHaveLength(1);
    const [session] = sessions;
    if (!session?.destroyed) await once(session as http2.ServerHttp2Session, 'close');

    const refused = connected(url, { ...TRUST, http: '2' });
    await expect(refused.opened).rejects.toMatchObject({
      code: 'ERR_WS_HTTP2_UNAVAILABLE',
      facts: { reason: 'its SETTINGS do not allow extended CONNECT' },
    });
  });

  test('ws is HTTP/1.1', async () => {
    const server = createServer(echo).listen(0, '127.0.0.1');
    await once(server, 'listening');
    afterTest(() => server.close());
    const ws = connected(`ws://127.0.0.1:${(server.address() as AddressInfo).port}`, { http: 'auto' });
    expect(await used(ws)).toBe('1.1');
    await ws.close();
  });
});

test("http: '2' for ws is HTTP/2 without asking first", async () => {
  const { port } = await http2Serving({}, echo);
  expect(await used(connected(`ws://127.0.0.1:${port}`, { http: '2' }))).toBe('2.0');
});

test("http: '2' with a server that has no HTTP/2", async () => {
  const old = tls.createServer({ ...IDENTITY, ALPNProtocols: ['http/1.1'] }).listen(0, '127.0.0.1');
  await once(old, 'listening');
  afterTest(() => old.close());
  const ws = connected(`wss://localhost:${(old.address() as AddressInfo).port}`, { ...TRUST, http: '2' });
  // OpenSSL refuses a handshake in which no protocol is common to both.
  await expect(ws.opened).rejects.toMatchObject({
    code: expect.stringMatching(/^ERR_WS_(UNREACHABLE|HTTP2_UNAVAILABLE)$/),
  });
});

describe('a session of the caller', () => {
  test('is used, and never closed', async () => {
    const { origin, port, sessions } = await http2Serving({}, echo);
    const session = await http2Session(origin);
    for (const _ of [1, 2]) {
      const ws = connected(`ws://127.0.0.1:${port}`, { session });
      expect(await used(ws)).toBe('2.0');
      await ws.close();
    }
    expect(session.closed).toBe(false);
    expect(sessions).toHaveLength(1);
  });

  test('may still be connecting', async () => {
    const { origin, port } = await http2Serving({}, echo);
    const session = http2.connect(origin);
    afterTest(() => session.destroy());
    const sockets = Array.from({ length: 30 }, () => connected(`ws://127.0.0.1:${port}`, { session }));
    expect(await Promise.all(sockets.map(used))).toEqual(Array(30).fill('2.0'));
  });

  test('that is closed is unreachable, and a plain one is not for wss', async () => {
    const { origin, port } = await http2Serving({}, echo);
    const session = await http2Session(origin);
    await expect(connected(`wss://127.0.0.1:${port}`, { session }).opened).rejects.toMatchObject({
      code: 'ERR_WS_USAGE',
    });
    session.close();
    await expect(connected(`ws://127.0.0.1:${port}`, { session }).opened).rejects.toMatchObject({
      code: 'ERR_WS_UNREACHABLE',
    });
  });
});

test.each([
  ['a connection that is cut', (serving: Http2Serving) => serving.cut()],
  ['a GOAWAY with a reason', ({ sessions }: Http2Serving) => sessions[0]?.goaway(11)],
])('%s fails each socket of the session with one error', async (broken, end) => {
  const serving = await http2Serving({ tls: true }, echo);
  const { port } = serving;
  const sockets = Array.from({ length: 10 }, () => connected(`wss://localhost:${port}`, { ...TRUST, http: '2' }));
  await Promise.all(sockets.map(used));
  const lives = sockets.map(lifeOf);
  end(serving);
  for (const { errors, over } of lives) {
    expect((await over).code).toBe(1006);
    expect(errors.map(({ code }) => code)).toEqual([
      broken === 'a connection that is cut' ? LOST_SESSION : 'ERR_WS_SESSION_LOST',
    ]);
  }
});

test('after a GOAWAY new WebSockets go elsewhere, and the old ones go on', async () => {
  const { port, sessions } = await http2Serving({ tls: true }, echo);
  const open = () => connected(`wss://localhost:${port}`, { ...TRUST, http: '2' });
  const first = open();
  await used(first);
  sessions[0]?.close();
  await once(sessions[0] as http2.ServerHttp2Session, 'goaway').catch(() => {});
  expect(await used(open())).toBe('2.0');
  expect(await used(first)).toBe('2.0');
  expect(sessions).toHaveLength(2);
});
