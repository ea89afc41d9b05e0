/** Threats, "Handshake and HTTP", over HTTP/2 in both roles: the rows that a stream of RFC 8441 can have, on real sessions. */
import { once } from 'node:events';
import http2, { type ServerHttp2Stream } from 'node:http2';
import type { AddressInfo } from 'node:net';
import type { ConnectOptions } from '../../src/client.js';
import type { HandshakeError } from '../../src/errors.js';
import type { CreateServerOptions } from '../../src/server.js';
import { wireOf as frameWire, text } from '../support/frames.js';
import { http2Serving, IDENTITY } from '../support/http2.js';
import { FrameType, literalFields, RawHttp2, rawFrame } from '../support/raw-http2.js';
import { afterTest, connected, next } from '../support/web-sockets.js';

type Line = readonly [name: string, value: string];

const GOOD: readonly Line[] = [
  [':method', 'CONNECT'],
  [':protocol', 'websocket'],
  [':scheme', 'http'],
  [':path', '/'],
  [':authority', 'server.example.com'],
  ['sec-websocket-version', '13'],
];

/** The good fields with some changed, and more behind them. */
function fields(changes: Readonly<Record<string, string>>, more: readonly Line[] = []): Buffer {
  const known = GOOD.map(([name, value]): Line => [name, changes[name] ?? value]);
  const others = Object.entries(changes).filter(([name]) => !GOOD.some(([known]) => known === name));
  return Buffer.concat([...known, ...others, ...more].map(([name, value]) => literalFields({ [name]: value })));
}

async function asking(head: Buffer, options: CreateServerOptions = {}) {
  const { server, port } = await http2Serving(options, (ws) => ws.on('error', () => {}).pipe(ws));
  const opened = jest.fn();
  server.on('connection', opened);
  const raw = new RawHttp2(port);
  const refused = once(server, 'refused') as Promise<[HandshakeError]>;
  raw.send(FrameType.headers, 4, 1, head);
  return { raw, server, opened, refused };
}

describe('what a server refuses, on the stream alone', () => {
  const origin: Line = ['origin', 'http://server.example.com'];

  test.each<[string, Buffer, number]>([
    ['a body that is announced', fields({ 'content-length': '1' }), 400],
    ['an expectation', fields({ expect: '100-continue' }), 417],
    ['a target of a host', fields({ ':path': '//evil.example/' }), 400],
    ['a target with a fragment', fields({ ':path': '/a#b' }), 400],
    ['a target that is not ASCII', fields({ ':path': '/\xe9' }), 400],
    ['a Host of somebody else', fields({ host: 'evil.example' }), 400],
    ['version 13.0', fields({ 'sec-websocket-version': '13.0' }), 400],
    ['version 777', fields({ 'sec-websocket-version': '777' }), 400],
    ['two versions', fields({}, [['sec-websocket-version', '13']]), 400],
    ['a foreign Origin', fields({ origin: 'http://evil.example' }), 403],
    ['an Origin below ours', fields({ origin: 'http://server.example.com.evil.example' }), 403],
    ['an Origin with user information', fields({ origin: 'http://server.example.com@evil.example' }), 403],
    ['the Origin null', fields({ origin: 'null' }), 403],
    ['the Origin of another port', fields({ origin: 'http://server.example.com:81' }), 403],
    ['two Origins', fields({}, [origin, ['origin', 'http://evil.example']]), 400],
    ['a subprotocol that is not ASCII', fields({ 'sec-websocket-protocol': 'ch\xe9t' }), 400],
    ['an extension that is not ASCII', fields({ 'sec-websocket-extensions': 'x\xff' }), 400],
    ['an unclosed quote', fields({ 'sec-websocket-extensions': 'a;b="x' }), 400],
    ['a field of 20,000 bytes in parts', fields({}, Array(100).fill(['cookie', 'x'.repeat(126)])), 431],
  ])('%s', async (_, head, status) => {
    const { raw, opened, refused } = await asking(head, { subprotocols: ['chat'], deflate: true });
    const [error] = await refused;
    expect(error.status).toBe(status);
    expect(opened).not.toHaveBeenCalled();
    await raw.survives();
  });

  test.each(['http://evil.example/', 'ws://a/', '*', 'chat', ''])(
    'the target %j is malformed: the stream is reset, and nobody is asked',
    async (target) => {
      const { raw, opened } = await asking(fields({ ':path': target }));
      await raw.until(() => raw.resetOf(1) === http2.constants.NGHTTP2_PROTOCOL_ERROR);
      expect(opened).not.toHaveBeenCalled();
      await raw.survives();
    },
  );

  test.each(['constructor', '__proto__', 'hasOwnProperty', 'toString'])(
    '%s as a subprotocol, an extension, a parameter and a field is a name like any other',
    async (name) => {
      const lower = name.toLowerCase();
      const offers = {
        'sec-websocket-protocol': name,
        'sec-websocket-extensions': `${name}, permessage-deflate; ${name}`,
        [lower]: 'x',
      };
      const { raw, server } = await asking(fields(offers), { subprotocols: ['chat'], deflate: true });
      const [ws] = await once(server, 'connection');
      expect([ws.subprotocol, ws.extensions]).toEqual([null, []]);
      expect(ws.request.headersDistinct[lower]).toEqual(['x']);
      await raw.survives();
    },
  );

  test('CR, LF and NUL in what accept gives: 500, and none of it is sent', async () => {
    for (const bad of ['a\r\nb: c', 'a\nb', 'a\0b']) {
      const { raw, refused } = await asking(fields({}), { accept: () => ({ headers: { 'X-One': bad } }) });
      const [error] = await refused;
      expect(error).toMatchObject({ code: 'ERR_WS_USAGE' });
      await raw.survives();
      expect(raw.on(1, FrameType.headers)).toHaveLength(1);
      expect(String(raw.on(1, FrameType.headers)[0]?.payload)).not.toContain('x-one');
    }
  });

  test('frames in the packet of the request are not taken, however they are cut', async () => {
    const wire = frameWire(text('early'), { key: Buffer.from('37fa213d', 'hex') });
    for (let at = 1; at <= wire.length; at++) {
      const data = rawFrame(FrameType.data, 0, 1, wire.subarray(0, at));
      const { server, port } = await http2Serving();
      const refused = once(server, 'refused') as Promise<[HandshakeError]>;
      const raw = new RawHttp2(port);
      raw.socket.write(Buffer.concat([rawFrame(FrameType.headers, 4, 1, fields({})), data]));
      expect((await refused)[0].status).toBe(400);
      await raw.survives();
    }
  });
});

/** A server by hand that announces RFC 8441, and a client of it. */
async function answering(answer: (stream: ServerHttp2Stream) => void, options: ConnectOptions = {}) {
  const http = http2.createServer({ settings: { enableConnectProtocol: true } });
  http.on('stream', (stream) => answer(stream.on('error', () => {})));
  http.listen(0, '127.0.0.1');
  await once(http, 'listening');
  afterTest(() => http.close());
  return connected(`ws://127.0.0.1:${(http.address() as AddressInfo).port}`, { http: '2', ...options });
}

describe('what a client refuses, by a reset of the stream', () => {
  const offers: ConnectOptions = { subprotocols: ['chat'], deflate: true };
  const wrong = ['constructor', '__proto__', 'x', 'chat, chat', 'ch\xe9t'];

  test.each([
    ...wrong.map((value) => ['sec-websocket-protocol', value]),
    ...wrong.map((value) => ['sec-websocket-extensions', value]),
    ['sec-websocket-extensions', 'permessage-deflate; server_max_window_bits=7'],
    ['sec-websocket-extensions', 'permessage-deflate; __proto__'],
  ])('%s: %s', async (name, value) => {
    let closed: Promise<unknown> = Promise.resolve();
    const ws = await answering((stream) => {
      closed = new Promise((resolve) => stream.once('close', () => resolve(stream.rstCode)));
      stream.respond({ ':status': 200, [name as string]: value });
    }, offers);
    await expect(ws.opened).rejects.toMatchObject({ code: 'ERR_WS_HANDSHAKE_INVALID' });
    expect(await closed).toBe(http2.constants.NGHTTP2_CANCEL);
  });

  test('a body without an end is cut off early', async () => {
    let sent = 0;
    const ws = await answering((stream) => {
      stream.respond({ ':status': 503 });
      const more = () => {
        for (let room = true; room && sent < 10e6 && !stream.destroyed; sent += 16_384)
          room = stream.write(Buffer.alloc(16_384, 'x'));
      };
      stream.on('drain', more);
      more();
    });
    await expect(ws.opened).rejects.toMatchObject({ code: 'ERR_WS_HANDSHAKE_REFUSED', status: 503 });
    expect(sent).toBeLessThan(1e6);
  });

  test('frames in the packet of the answer arrive, cut at every byte', async () => {
    // RFC 6455 §5.7: unmasked "Hello".
    const wire = Buffer.from('810548656c6c6f', 'hex');
    for (let at = 0; at <= wire.length; at++) {
      const ws = await answering((stream) => {
        stream.respond({ ':status': 200 });
        stream.write(wire.subarray(0, at));
        stream.write(wire.subarray(at));
      });
      expect(await next(ws)).toBe('Hello');
    }
  });
});

describe('whom a client trusts', () => {
  const credentials = { Authorization: 'Bearer t', Cookie: 'id=1', 'Proxy-Authorization': 'p', 'X-Trace': '7' };
  const options: ConnectOptions = { tls: { ca: IDENTITY.cert }, http: '2' };

  test('credentials stay behind when a redirect changes the origin', async () => {
    const target = await http2Serving({ tls: true });
    const arrived = once(target.server, 'connection');
    const location = `wss://localhost:${target.port}/`;
    const first = await http2Serving({ tls: true, accept: () => ({ status: 302, headers: { Location: location } }) });
    const asked = once(first.server, 'refused');
    connected(`wss://localhost:${first.port}`, { ...options, headers: credentials, followRedirects: true });
    const [, before] = await asked;
    expect(before.headers).toMatchObject({ authorization: 'Bearer t', cookie: 'id=1', 'x-trace': '7' });
    const [ws] = await arrived;
    expect(ws.request.headers).toMatchObject({ 'x-trace': '7', host: `localhost:${target.port}` });
    for (const name of ['authorization', 'cookie', 'proxy-authorization'])
      expect(ws.request.headers).not.toHaveProperty(name);
  });

  test('a certificate for another host is refused', async () => {
    const { port, sessions } = await http2Serving({ tls: true });
    const lookup: ConnectOptions['lookup'] = (_, how, done) =>
      how.all ? done(null, [{ address: '127.0.0.1', family: 4 }]) : done(null, '127.0.0.1', 4);
    const ws = connected(`wss://other.test:${port}`, { ...options, lookup });
    await expect(ws.opened).rejects.toMatchObject({ cause: { code: 'ERR_TLS_CERT_ALTNAME_INVALID' } });
    expect(sessions).toHaveLength(0);
  });
});
