import { once } from 'node:events';
import http2, { type ServerHttp2Session } from 'node:http2';
import { type AddressInfo, createServer } from 'node:net';
import { parseTarget } from '../../../../src/handshake/client-url.js';
import type { TransportOptions } from '../../../../src/handshake/stream/http-request.js';
import { type Declined, Http2Pool, type Lease } from '../../../../src/handshake/stream/http2-pool.js';
import { http2Serving, http2Session, IDENTITY } from '../../../support/http2.js';
import { afterTest } from '../../../support/web-sockets.js';

const FOREVER = new AbortController().signal;
const trust: TransportOptions = { tls: { ca: IDENTITY.cert } };

function leasing(port: number, protocols = ['h2']) {
  const pool = new Http2Pool();
  const target = parseTarget(`wss://localhost:${port}`);
  return { pool, lease: (signal = FOREVER) => pool.lease(target, trust, protocols, signal) };
}

function placed(answer: Lease | Declined): Lease {
  if ('why' in answer) throw new Error(answer.why);
  return answer;
}

test('one session for all, closed when the last place is free', async () => {
  const { port, sessions } = await http2Serving({ tls: true });
  const { pool, lease } = leasing(port);
  const leases = (await Promise.all([lease(), lease(), lease()])).map(placed);
  expect(new Set(leases.map(({ session }) => session)).size).toBe(1);
  expect(pool.size).toBe(1);
  for (const [at, one] of leases.entries()) {
    expect(one.session.closed).toBe(false);
    one.release();
    expect(pool.size).toBe(at === 2 ? 0 : 1);
  }
  if (!sessions[0]?.destroyed) await once(sessions[0] as ServerHttp2Session, 'close');
});

test('the first who came stay when there are few places, the others go to the next session', async () => {
  const { port } = await http2Serving({ tls: true, http2: { settings: { maxConcurrentStreams: 2 } } });
  const { pool, lease } = leasing(port);
  const leases = (await Promise.all([lease(), lease(), lease(), lease(), lease()])).map(placed);
  const sessions = leases.map(({ session }) => session);
  expect(pool.size).toBe(3);
  expect(sessions[0]).toBe(sessions[1]);
  expect(sessions[2]).not.toBe(sessions[0]);
  leases[0]?.release();
  expect(placed(await lease()).session).toBe(sessions[0]);
  for (const { session } of leases) session.destroy();
});

test('a session that is closing gives no more places', async () => {
  const { port } = await http2Serving({ tls: true });
  const { lease } = leasing(port);
  const first = placed(await lease());
  first.session.close();
  const second = placed(await lease());
  expect(second.session).not.toBe(first.session);
  second.release();
});

test('the connection that found HTTP/1.1 is for the first who asked', async () => {
  const { port } = await http2Serving({ tls: true, http2: { ALPNProtocols: ['http/1.1'], allowHTTP1: true } });
  const { pool, lease } = leasing(port, ['http/1.1']);
  const [first, second] = (await Promise.all([lease(), lease()])) as Declined[];
  expect(first?.why).toBe('it did not choose h2');
  expect(first?.socket?.writable).toBe(true);
  expect(second?.socket).toBeNull();
  expect(pool.size).toBe(0);
  first?.socket?.destroy();
});

test('when all who wait have given up, so does the connection; one who gives up leaves the others alone', async () => {
  const { port } = await http2Serving({ tls: true });
  const { pool, lease } = leasing(port);
  const controller = new AbortController();
  const [mine, theirs] = [lease(controller.signal), lease()];
  controller.abort(new Error('enough'));
  await expect(mine).rejects.toThrow('enough');
  placed(await theirs).release();

  const alone = lease(controller.signal);
  await expect(alone).rejects.toThrow('enough');
  expect(pool.size).toBe(0);
});

test('everybody who waits hears of a failure', async () => {
  const { pool, lease } = leasing(1);
  const [first, second] = await Promise.allSettled([lease(), lease()]);
  for (const one of [first, second])
    expect(one).toMatchObject({ status: 'rejected', reason: { code: 'ERR_WS_UNREACHABLE' } });
  expect(pool.size).toBe(0);
});

test('what answers, but not in HTTP/2, is a reason not to use it', async () => {
  const server = createServer((socket) => socket.on('error', () => {}).end('HTTP/1.1 400 Bad Request\r\n\r\n'));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  afterTest(() => server.close());
  const target = parseTarget(`ws://127.0.0.1:${(server.address() as AddressInfo).port}`);
  const pool = new Http2Pool();
  const answer = await pool.lease(target, {}, [], FOREVER);
  expect(answer).toEqual({ why: 'the session ended before its SETTINGS came', socket: null });
  expect(pool.size).toBe(0);
});

test("somebody else's session whose server comes to allow CONNECT is asked again", async () => {
  const http = http2.createServer();
  const sessions = once(http, 'session') as Promise<[ServerHttp2Session]>;
  http.listen(0, '127.0.0.1');
  await once(http, 'listening');
  afterTest(() => http.close());
  const session = await http2Session(`http://127.0.0.1:${(http.address() as AddressInfo).port}`);
  const pool = new Http2Pool();
  const place = () => pool.place(session, parseTarget('ws://a'), FOREVER);
  expect(await place()).toMatchObject({ why: 'its SETTINGS do not allow extended CONNECT' });
  const [theirs] = await sessions;
  theirs.settings({ enableConnectProtocol: true });
  await once(session, 'remoteSettings');
  expect(placed(await place()).session).toBe(session);
});

test("a place on somebody else's session is never closed by us", async () => {
  const { origin } = await http2Serving();
  const session = await http2Session(origin);
  const pool = new Http2Pool();
  const lease = placed(await pool.place(session, parseTarget('ws://a'), FOREVER));
  lease.release();
  expect([lease.session, session.closed, pool.size]).toEqual([session, false, 0]);
  await expect(pool.place(session, parseTarget('wss://a'), FOREVER)).rejects.toMatchObject({ code: 'ERR_WS_USAGE' });
});
