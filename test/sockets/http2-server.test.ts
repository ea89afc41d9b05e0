/** WebSockets over HTTP/2 through `createServer`: RFC 8441 with a client by hand, and next to ordinary requests. */
import { once } from 'node:events';
import http2 from 'node:http2';
import https from 'node:https';
import type { ServerOptions } from '../../src/admission.js';
import { connect } from '../../src/client.js';
import { WebSocketDuplex } from '../../src/duplex/websocket-duplex.js';
import { Http2Transport } from '../../src/handshake/stream/http2-transport.js';
import { ask, bodyOf, connectFields, http2Serving, http2Session, IDENTITY, LOST_SESSION } from '../support/http2.js';
import { afterTest, lifeOf, next } from '../support/web-sockets.js';

/** A client on a stream of `session`. */
async function open(session: http2.ClientHttp2Session, options = {}): Promise<WebSocketDuplex> {
  const { status, stream } = await ask(session);
  expect(status).toBe(200);
  const ws = new WebSocketDuplex({
    role: 'client',
    transport: new Http2Transport(stream),
    keepAlive: false,
    ...options,
  });
  afterTest(() => ws.destroy());
  return ws;
}

const echo = (ws: WebSocketDuplex): WebSocketDuplex => ws.pipe(ws);

test('messages both ways, many sockets on one session, and a clean close', async () => {
  const { server, origin, sessions } = await http2Serving({}, echo);
  const session = await http2Session(origin);
  const sockets = await Promise.all(Array.from({ length: 20 }, () => open(session)));
  await Promise.all(
    sockets.map(async (ws, at) => {
      ws.write(`text ${at}`);
      expect(await next(ws)).toBe(`text ${at}`);
      ws.write(Buffer.alloc(300_000, at));
      expect(Buffer.alloc(300_000, at).equals((await next(ws)) as Buffer)).toBe(true);
    }),
  );
  expect(sessions).toHaveLength(1);
  expect(server.connections.size).toBe(20);
  const [one] = server.connections;
  expect(one?.request).toMatchObject({ httpVersion: '2.0', method: 'CONNECT', url: '/' });
  expect(one?.request?.socket.remoteAddress).toBe('127.0.0.1');
  for (const ws of sockets) expect(await ws.close(1000, 'bye')).toMatchObject({ code: 1000 });
  expect(session.destroyed).toBe(false);
});

test('one port: WebSockets over both versions, and requests over both', async () => {
  const versions: unknown[] = [];
  const { origin, port } = await http2Serving({ tls: true, http2: { allowHTTP1: true } }, (ws, request) => {
    versions.push(request.httpVersion);
    echo(ws);
  });
  const old = connect(`wss://127.0.0.1:${port}`, { tls: { rejectUnauthorized: false } });
  afterTest(() => old.destroy());
  old.write('one');
  expect(await next(old)).toBe('one');
  const session = await http2Session(origin);
  const young = await open(session);
  young.write('two');
  expect(await next(young)).toBe('two');
  expect(versions).toEqual(['1.1', '2.0']);

  expect(await bodyOf(await ask(session, { ':path': '/' }))).toMatchObject({ body: 'ordinary' });
  const get = https.get(`${origin}/`, { ca: IDENTITY.cert, agent: false });
  const [response] = await once(get, 'response');
  expect(response.statusCode).toBe(200);
  response.resume();
  await Promise.all([old.close(), young.close()]);
});

describe('the same judge, as HTTP/2 responses', () => {
  test.each<[string, Record<string, string | null>, ServerOptions, number]>([
    ['a foreign page', { origin: 'https://evil.example' }, {}, 403],
    ['another path', { ':path': '/other' }, { path: '/chat' }, 404],
    ['another protocol', { ':protocol': 'connect-udp' }, {}, 501],
    ['another version', { 'sec-websocket-version': '8' }, {}, 400],
    ['a bad offer', { 'sec-websocket-extensions': '=' }, {}, 400],
    ['false', {}, { accept: () => false }, 403],
    ['a response', {}, { accept: () => ({ status: 401, headers: { 'WWW-Authenticate': 'Basic' } }) }, 401],
    ['a mistake', {}, { accept: () => Promise.reject(new Error('oops')) }, 500],
    ['a late answer', {}, { accept: () => new Promise<void>(() => {}), handshakeTimeoutMs: 20 }, 503],
  ])('%s', async (_, changes, options, status) => {
    const { server, origin } = await http2Serving(options);
    const refused = once(server, 'refused');
    const session = await http2Session(origin);
    const answer = await ask(session, connectFields(changes));
    expect(answer.status).toBe(status);
    expect((await bodyOf(answer)).rstCode).toBe(0);
    const [, request] = await refused;
    expect(request.httpVersion).toBe('2.0');
    expect((await ask(session, { ':path': '/' })).status).toBe(200);
  });

  test("'same' is :authority, and an http page is foreign to an https one", async () => {
    const { origin } = await http2Serving({ tls: true });
    const session = await http2Session(origin);
    const answer = async (page: string) => (await ask(session, connectFields({ origin: page }))).status;
    expect(await answer(origin)).toBe(200);
    expect(await answer(origin.replace('https', 'http'))).toBe(403);
  });

  test('what was agreed on is in the 200, and on the socket', async () => {
    const options: ServerOptions = {
      subprotocols: ['b'],
      deflate: true,
      accept: () => ({ headers: { 'X-One': '1' } }),
    };
    const { server, origin } = await http2Serving(options);
    const arrived = once(server, 'connection');
    const offers = { 'sec-websocket-protocol': 'a, b', 'sec-websocket-extensions': 'permessage-deflate' };
    const { headers } = await ask(await http2Session(origin), connectFields(offers));
    expect(headers).toMatchObject({ 'sec-websocket-protocol': 'b', 'x-one': '1' });
    expect(headers['sec-websocket-extensions']).toMatch(/^permessage-deflate/);
    expect(headers).not.toHaveProperty('sec-websocket-accept');
    const [ws] = await arrived;
    expect(ws.subprotocol).toBe('b');
    expect(ws.extensions[0].name).toBe('permessage-deflate');
  });
});

test('handleStream takes what an http2 server of others gives', async () => {
  const { server } = await http2Serving({}, echo);
  const http = http2.createServer({ settings: { enableConnectProtocol: true } });
  http.on('stream', (stream, headers) => server.handleStream(stream, headers));
  http.listen(0, '127.0.0.1');
  await once(http, 'listening');
  afterTest(() => http.close());
  const address = http.address() as { port: number };
  const ws = await open(await http2Session(`http://127.0.0.1:${address.port}`));
  ws.write('by hand');
  expect(await next(ws)).toBe('by hand');
});

describe('the server closes', () => {
  test('with 1001, and the session goes on; then nobody is let in', async () => {
    const { server, origin } = await http2Serving({}, echo);
    const session = await http2Session(origin);
    const ws = await open(session);
    const { over } = lifeOf(ws);
    ws.resume();
    const closed = server.close();
    expect((await over).code).toBe(1001);
    await closed;
    expect((await ask(session)).status).toBe(405);
    expect((await ask(session, { ':path': '/' })).status).toBe(200);
  });

  test('those that do not close in time are reset', async () => {
    const { server, origin } = await http2Serving();
    const session = await http2Session(origin);
    const { stream } = await ask(session);
    stream.resume();
    await server.close({ timeoutMs: 10 });
    await once(stream, 'close');
    expect(stream.rstCode).toBe(8);
    expect(session.destroyed).toBe(false);
  });
});

test('END_STREAM without a close frame is a connection that was cut off (RFC 8441 §5)', async () => {
  const { server, origin } = await http2Serving();
  const arrived = once(server, 'connection');
  const { stream } = await ask(await http2Session(origin));
  const [ws] = await arrived;
  const { errors, over } = lifeOf(ws);
  stream.end();
  expect((await over).code).toBe(1006);
  expect(errors[0]?.code).toBe('ERR_WS_CUT_OFF');
});

test.each([
  [
    'ERR_WS_STREAM_RESET',
    (stream: http2.ClientHttp2Stream) => new Http2Transport(stream).on('error', () => {}).destroy(),
  ],
  [LOST_SESSION, (stream: http2.ClientHttp2Stream) => stream.session?.destroy()],
])('%s: 1006, with one error', async (code, end) => {
  const { server, origin } = await http2Serving();
  const arrived = once(server, 'connection');
  const { stream } = await ask(await http2Session(origin));
  const [ws] = await arrived;
  const { errors, over } = lifeOf(ws);
  end(stream);
  expect((await over).code).toBe(1006);
  expect(errors.map((error) => error.code)).toEqual([code]);
  expect(server.connections.size).toBe(0);
});
