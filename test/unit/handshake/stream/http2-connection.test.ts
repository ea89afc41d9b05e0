import { once } from 'node:events';
import http2 from 'node:http2';
import { type AddressInfo, createServer } from 'node:net';
import { parseTarget } from '../../../../src/handshake/client-url.js';
import {
  openConnection,
  openSession,
  protocolOf,
  STREAM_WINDOW,
  takesWebSockets,
} from '../../../../src/handshake/stream/http2-connection.js';
import { http2Serving, http2Session, IDENTITY } from '../../../support/http2.js';
import { afterTest } from '../../../support/web-sockets.js';

const FOREVER = new AbortController().signal;
const tls = { ca: IDENTITY.cert };

async function connection(port: number, secure: boolean, protocols = ['h2', 'http/1.1']) {
  const target = parseTarget(`${secure ? 'wss' : 'ws'}://localhost:${port}`);
  const socket = await openConnection(target, { tls, family: 4 }, protocols, FOREVER);
  afterTest(() => socket.destroy());
  return { target, socket };
}

test('ALPN says what is spoken over TLS; without it, whoever asks for HTTP/2 speaks it', async () => {
  const { port } = await http2Serving({ tls: true, http2: { allowHTTP1: true } });
  expect(protocolOf((await connection(port, true)).socket)).toBe('h2');
  expect(protocolOf((await connection(port, true, ['http/1.1'])).socket)).toBe('http/1.1');
  expect(protocolOf((await connection(port, true, [])).socket)).toBeNull();
  const plain = await http2Serving();
  expect(protocolOf((await connection(plain.port, false)).socket)).toBe('h2');
});

test('a session gives each stream its window, and takes no pushes', async () => {
  const { port, sessions } = await http2Serving();
  const { target, socket } = await connection(port, false);
  const session = openSession(target, socket);
  expect(await takesWebSockets(session)).toBe(true);
  while (sessions[0]?.remoteSettings.enablePush) await once(sessions[0], 'remoteSettings');
  expect(sessions[0]?.remoteSettings).toMatchObject({ initialWindowSize: STREAM_WINDOW, enablePush: false });
  expect(session.state.effectiveLocalWindowSize).toBeGreaterThan(1_000_000);
});

test('a failure is a HandshakeError, an abort its reason, a bad option a UsageError', async () => {
  const closed = createServer().listen(0, '127.0.0.1');
  await once(closed, 'listening');
  const target = parseTarget(`wss://127.0.0.1:${(closed.address() as AddressInfo).port}`);
  await expect(openConnection(target, { tls: { cert: 'no' } }, [], FOREVER)).rejects.toMatchObject({
    code: 'ERR_WS_USAGE',
  });
  const controller = new AbortController();
  const waiting = openConnection(target, {}, [], controller.signal);
  controller.abort(new Error('enough'));
  await expect(waiting).rejects.toThrow('enough');
  await expect(openConnection(target, {}, [], controller.signal)).rejects.toThrow('enough');
  closed.close();
  await once(closed, 'close');
  await expect(openConnection(target, {}, [], FOREVER)).rejects.toMatchObject({ code: 'ERR_WS_UNREACHABLE' });
});

describe('whether a server takes WebSockets', () => {
  test.each([true, false])('its SETTINGS say %s, to whoever asks late, too', async (enableConnectProtocol) => {
    const http = http2.createServer({ settings: { enableConnectProtocol } }).listen(0, '127.0.0.1');
    await once(http, 'listening');
    afterTest(() => http.close());
    const origin = `http://127.0.0.1:${(http.address() as AddressInfo).port}`;
    const early = http2.connect(origin);
    afterTest(() => early.destroy());
    expect(await takesWebSockets(early)).toBe(enableConnectProtocol);
    expect(await takesWebSockets(await http2Session(origin))).toBe(enableConnectProtocol);
  });

  test('one that is gone does not', async () => {
    const { origin } = await http2Serving();
    const session = await http2Session(origin);
    session.destroy();
    expect(await takesWebSockets(session)).toBe(false);
  });
});
