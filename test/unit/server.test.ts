import { EventEmitter, once } from 'node:events';
import { createServer as createHttpServer } from 'node:http';
import { duplexPair } from 'node:stream';
import { UsageError } from '../../src/errors.js';
import { type CreateServerOptions, createServer, WebSocketServer } from '../../src/server.js';
import { received } from '../support/received.js';
import { turns } from '../support/streams.js';
import { wireOf } from '../support/upgrade-request.js';
import { afterTest } from '../support/web-sockets.js';

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
