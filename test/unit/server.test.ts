import { EventEmitter, once } from 'node:events';
import { createServer as createHttpServer } from 'node:http';
import { duplexPair } from 'node:stream';
import type { WebSocketDuplex } from '../../src/duplex/websocket-duplex.js';
import { UsageError } from '../../src/errors.js';
import { type CreateServerOptions, createServer, WebSocketServer } from '../../src/server.js';
import { received } from '../support/received.js';
import { turns } from '../support/streams.js';
import { wireOf } from '../support/upgrade-request.js';
import { afterTest, connected, serving } from '../support/web-sockets.js';

/** A server over an http.Server that does not listen: its connections are in memory. */
function inMemory(options: CreateServerOptions = {}) {
  const http = createHttpServer();
  const server = createServer({ ...options, server: http });
  const visit = (head = wireOf()) => {
    const [near, far] = duplexPair();
    afterTest(() => [near, far].map((end) => end.destroy()));
    http.emit('connection', near);
    far.write(head);
    return far;
  };
  return { http, server, visit };
}

test('options or a listener or both or neither', () => {
  const listener = () => {};
  for (const server of [createServer(listener), createServer({}, listener)]) {
    expect(server).toBeInstanceOf(WebSocketServer);
    expect(server.listeners('connection')).toEqual([listener]);
  }
  expect(createServer().listenerCount('connection')).toBe(0);
});

test.each([{ readAs: 'x' }, { keepAlive: 1 }, { path: 'x' }, { origins: 1 }, { handshakeTimeoutMs: 0 }, { accept: 1 }])(
  '%j is a UsageError at construction',
  (options) => {
    expect(() => createServer(options as never)).toThrow(UsageError);
  },
);

test('a connection is listed from the 101 until it is closed', async () => {
  const { server, visit } = inMemory();
  const arrived = once(server, 'connection');
  visit();
  const [ws] = await arrived;
  expect([...server.connections]).toEqual([ws]);
  ws.destroy();
  await once(ws, 'close');
  expect(server.connections.size).toBe(0);
});

/** The WebSocket that a client makes, and the request that came with it. */
async function requested(
  options: CreateServerOptions,
  listener: (ws: WebSocketDuplex, ...rest: never[]) => void,
): Promise<{ ws: WebSocketDuplex; requests: unknown[] }> {
  const requests: unknown[] = [];
  const { server, url } = await serving(options, listener as (ws: WebSocketDuplex) => void);
  const emit = server.emit.bind(server) as EventEmitter['emit'];
  server.emit = ((event: string, ...about: unknown[]) => {
    if (event === 'connection') requests.push(about[1]);
    return emit(event, ...about);
  }) as typeof server.emit;
  const ws = await new Promise<WebSocketDuplex>((resolve) => {
    server.on('connection', (one) => resolve(one));
    connected(`${url}/a?b`, { headers: { 'X-Seat': '12' } });
  });
  expect([ws.request?.url, ws.request?.headers['x-seat']]).toEqual(['/a?b', '12']);
  expect(ws.request).toBe(ws.request);
  return { ws, requests };
}

test('ws.request is the request itself where somebody else was shown it', async () => {
  for (const [options, listener] of [
    [{}, (_ws: WebSocketDuplex, _request: unknown) => {}],
    [{}, (..._all: unknown[]) => {}],
    [{ accept: (_request: unknown) => true }, (_ws: WebSocketDuplex) => {}],
  ] as const) {
    const { ws, requests } = await requested(options, listener);
    expect(requests).toEqual([ws.request]);
    expect(requests[0]).toBe(ws.request);
  }
});

test('a request that nobody was shown is not kept', async () => {
  const { ws, requests } = await requested({}, (_ws) => {});
  expect(requests).toHaveLength(1);
  expect(ws.request).not.toBe(requests[0]);
});

test.each([
  ["of somebody else's server", true],
  ['that is given by hand', false],
])('a request %s is kept', async (_, isShared) => {
  const http = createHttpServer();
  const server = createServer(isShared ? { server: http } : {}, (_ws) => {});
  const requests: unknown[] = [];
  http.on('upgrade', (request, socket, head) => {
    requests.push(request);
    if (!isShared) server.handleUpgrade(request, socket, head);
  });
  const ws = await new Promise<WebSocketDuplex>((resolve) => {
    server.on('connection', (one) => resolve(one));
    const [near, far] = duplexPair();
    afterTest(() => [near, far].map((end) => end.destroy()));
    http.emit('connection', near);
    far.write(wireOf());
  });
  expect(ws.request).toBe(requests[0]);
});

test('closing lets go of the http.Server, whose owner keeps it', async () => {
  const { http, server } = inMemory();
  expect(http.listenerCount('upgrade')).toBe(1);
  const closed = once(server, 'close');
  expect(server.close()).toBe(server.close());
  await closed;
  expect(http.listenerCount('upgrade')).toBe(0);
  expect(http.eventNames()).toEqual(createHttpServer().eventNames());
});

test('a request by hand after the close is refused with 503', async () => {
  const { server } = inMemory();
  await server.close();
  const [near, far] = duplexPair();
  const answer = received(far);
  server.handleUpgrade(null as never, near, Buffer.alloc(0));
  far.end();
  expect(await answer).toMatch(/^HTTP\/1.1 503 /);
});

test('a socket that fails during its handshake does not end the process', async () => {
  const { server, visit } = inMemory({ accept: () => new Promise<void>(() => {}) });
  const outcomes = new EventEmitter();
  server.on('connection', () => outcomes.emit('error', new Error('let in')));
  const far = visit();
  await turns(5);
  far.destroy(new Error('gone'));
  far.on('error', () => {});
  await turns(5);
  expect(server.connections.size).toBe(0);
});

test('the drain clears its clock', async () => {
  const timers = () => process.getActiveResourcesInfo().filter((kind) => kind === 'Timeout').length;
  const before = timers();
  await inMemory().server.close();
  await inMemory().server.close({ timeoutMs: Infinity });
  expect(timers()).toBe(before);
});
