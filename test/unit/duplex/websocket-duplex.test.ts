import { once } from 'node:events';
import { Duplex, duplexPair } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { Script } from 'node:vm';
import { WebSocketDuplex } from '../../../src/duplex/websocket-duplex.js';
import { UsageError } from '../../../src/errors.js';
import { labelOf, text } from '../../support/frames.js';
import { RawPeer } from '../../support/raw-peer.js';
import { turns } from '../../support/streams.js';
import { both, facing, lifeOf } from '../../support/web-sockets.js';

test('passes for a stream.Duplex, and closed is a promise', async () => {
  const ws: Duplex = new WebSocketDuplex({ role: 'client' });
  expect(ws).toHaveProperty('closed', expect.any(Promise));
  ws.destroy();
  expect(await ws.closed).toEqual({ code: 1006, reason: '' });
});

/** A function that asks for `closed`, in a file of that name. */
function askerIn(filename: string): (stream: Duplex) => unknown {
  return new Script('(function ask(stream) { return stream.closed; })', { filename }).runInThisContext();
}

test.each([
  'node:internal/streams/pipeline',
  'internal:streams/pipeline',
  'ext:deno_node/internal/streams/pipeline.js',
])('to stream code of a runtime, %s, closed is a boolean', async (filename) => {
  const ask = askerIn(filename);
  const ws = new WebSocketDuplex({ role: 'client' });
  expect(ask(ws)).toBe(false);
  ws.destroy();
  await once(ws, 'close');
  expect(ask(ws)).toBe(true);
});

test.each([
  '/srv/node:internal/streams/chat.js',
  '/srv/internal/streams/chat.js',
  'file:///srv/internal:streams/chat.js',
])('to a program closed is a promise, even in %s', (filename) => {
  const { stackTraceLimit } = Error;
  expect(askerIn(filename)(new WebSocketDuplex({ role: 'client' }))).toBeInstanceOf(Promise);
  expect(Error.stackTraceLimit).toBe(stackTraceLimit);
});

test.each([[undefined], [null], [{}], [{ role: 'peer' }], [{ role: 'server', readAs: 1 }]])(
  'new WebSocketDuplex(%j) is a UsageError',
  (options) => {
    expect(() => new WebSocketDuplex(options as never)).toThrow(UsageError);
  },
);

test('without a transport it waits for open, which works once', async () => {
  const [near, far] = duplexPair();
  const ws = new WebSocketDuplex({ role: 'server', keepAlive: false });
  const peer = new RawPeer(far, 'client');
  const opened = jest.fn();
  ws.opened.then(opened);
  ws.write('early');
  await turns(2);
  expect(opened).not.toHaveBeenCalled();
  const event = once(ws, 'open');
  ws.open(near, Buffer.alloc(0), { subprotocol: 'chat', url: 'ws://a/', extensions: [] });
  await Promise.all([event, ws.opened]);
  expect([ws.subprotocol, ws.url, ws.extensions, ws.request]).toEqual(['chat', 'ws://a/', [], undefined]);
  await peer.until(() => peer.frames.length === 1);
  expect(() => ws.open(near)).toThrow(UsageError);
  ws.destroy();
});

test('destroyed before it was opened: opened rejects, and a transport that comes late is destroyed', async () => {
  const [near] = duplexPair();
  const ws = new WebSocketDuplex({ role: 'client' });
  ws.destroy(new Error('no'));
  await expect(ws.opened).rejects.toThrow('no');
  ws.open(near);
  expect(near.destroyed).toBe(true);
});

test('stats and bufferedBytes count what has passed', async () => {
  const { client, server } = await both();
  expect(client.stats).toEqual({
    bytesReceived: 0,
    bytesSent: 0,
    framesReceived: 0,
    framesSent: 0,
    messagesReceived: 0,
    messagesSent: 0,
  });
  server.on('data', (message) => server.write(message));
  client.write('abc');
  client.write(['d', 'e']);
  client.resume();
  while (client.stats.messagesReceived < 2) await turns(1);
  expect(client.stats).toEqual({
    bytesSent: 9 + 7 + 7 + 6,
    framesSent: 4,
    messagesSent: 2,
    bytesReceived: 5 + 4,
    framesReceived: 2,
    messagesReceived: 2,
  });
  expect(client.bufferedBytes).toBe(0);
});

test('events: ping, pong and close-frame', async () => {
  const { client, server } = await both();
  const seen: unknown[] = [];
  for (const name of ['ping', 'pong', 'close-frame']) server.on(name, (about) => seen.push([name, about]));
  client.ping('p').catch(() => {});
  await server.ping('q');
  client.close(1001, 'bye');
  await server.resume().closed;
  expect(seen).toEqual([
    ['ping', Buffer.from('p')],
    ['pong', Buffer.from('q')],
    ['close-frame', { code: 1001, reason: 'bye' }],
  ]);
});

test('finish comes when the peer has closed too, and every write is called back', async () => {
  const { ws, peer } = await facing();
  const { events } = lifeOf(ws.resume());
  const written = new Promise((resolve) => ws.write('x', resolve));
  ws.end();
  await written;
  await peer.closed();
  await turns(3);
  expect(events).toEqual([]);
  peer.sendClose(1000);
  await once(ws, 'close');
  expect(events).toContain('finish');
});

test('a source that never waits and a transport that takes all at once leave the event loop its turns', async () => {
  const transport = new Duplex({ read: () => {}, write: (_, _encoding, done) => done() });
  const ws = new WebSocketDuplex({ role: 'server', transport, maxBufferedBytes: 1024 * 1024 });
  let isStopped = false;
  let produced = 0;
  setTimeout(() => {
    isStopped = true;
  });
  await pipeline(function* () {
    // The second condition ends a test that would never end.
    while (!isStopped && produced < 1_000_000) yield `${produced++}`;
    ws.destroy();
  }, ws).catch(() => {});
  expect(isStopped).toBe(true);
});

test('a write after the end is an error of the stream, as with every Writable', async () => {
  const { ws, peer } = await facing();
  const { errors } = lifeOf(ws);
  ws.end('last');
  ws.write('too late');
  await peer.closed();
  expect(errors).toMatchObject([{ code: 'ERR_STREAM_WRITE_AFTER_END' }]);
  expect(peer.frames.map(labelOf).includes(labelOf(text('too late')))).toBe(false);
});

test('an error without a listener does not end the process; closed tells', async () => {
  const ws = new WebSocketDuplex({ role: 'client' });
  ws.destroy(new Error('unheard'));
  await turns(2);
  expect(await ws.closed).toEqual({ code: 1006, reason: '' });
});

test('a server may answer the last message after the peer has closed', async () => {
  const { client, server } = await both();
  (async () => {
    for await (const message of server) {
      await turns(3);
      server.write(`re: ${message}`);
    }
  })();
  const got: unknown[] = [];
  client.on('data', (message) => got.push(message));
  client.write('a');
  client.write('b');
  client.end();
  expect(await client.closed).toMatchObject({ code: 1000, received: { code: 1000 } });
  expect(got).toEqual(['re: a', 're: b']);
});
