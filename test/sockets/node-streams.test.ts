/** All that Node has for streams, one test each, over real sockets. */
import { once } from 'node:events';
import * as node from 'node:stream';
import {
  addAbortSignal,
  type Duplex,
  finished,
  PassThrough,
  pipeline,
  Readable,
  Transform,
  Writable,
} from 'node:stream';
import { pipeline as pipelined, finished as whenFinished } from 'node:stream/promises';
import * as userland from 'readable-stream';
import type { CloseInfo } from '../../src/duplex/closing.js';
import type { WebSocketDuplex } from '../../src/duplex/websocket-duplex.js';
import { text } from '../support/frames.js';
import { CAPITALS, shouting, WORDS } from '../support/shouting.js';
import { collect } from '../support/streams.js';
import { both, connected, facing, lifeOf, serving } from '../support/web-sockets.js';
import { hex } from '../support/wire.js';

/** `stream.compose`, which @types/node does not know. */
const composeOf = (node as unknown as { compose(...stages: readonly Duplex[]): Duplex }).compose;

test('createServer((ws) => pipeline(ws, ws)) echoes, and both ends close cleanly', async () => {
  let report: unknown = 'none';
  const { url } = await serving({}, (ws) => {
    pipeline(ws, ws, (error) => {
      report = error ?? null;
    });
  });
  const ws = connected(url);
  for (const word of WORDS) ws.write(word);
  const got: unknown[] = [];
  for await (const message of ws) {
    got.push(message);
    if (got.length === WORDS.length) ws.end();
  }
  expect(got).toEqual(WORDS);
  expect(await ws.closed).toMatchObject({ code: 1000 });
  expect(report).toBeNull();
});

test('Readable.from → ws with stream/promises: resolves when the peer has closed cleanly', async () => {
  const { url, errors } = await shouting();
  const ws = connected(url);
  const got = collect<string>(ws);
  await pipelined(Readable.from(WORDS), ws);
  expect(await got).toEqual(CAPITALS);
  expect(errors).toEqual([]);
});

test('stream/promises pipeline rejects when the connection is cut off', async () => {
  const { ws, peer } = await facing();
  const done = pipelined(ws, new Writable({ objectMode: true, write: (_chunk, _encoding, next) => next() }));
  peer.send(text('half of it'));
  peer.socket.end();
  await expect(done).rejects.toMatchObject({ code: 'ERR_WS_CUT_OFF' });
});

test('async generators between ws and ws lose nothing at the close', async () => {
  const { url } = await serving({}, (ws) => {
    pipeline(
      ws,
      async function* (messages) {
        let last = '';
        for await (const message of messages) {
          await new Promise((resolve) => setImmediate(resolve));
          last = String(message);
          yield last.toUpperCase();
        }
        await new Promise((resolve) => setImmediate(resolve));
        yield `the last was ${last}`;
      },
      ws,
      () => {},
    );
  });
  const ws = connected(url);
  Readable.from(WORDS).pipe(ws);
  expect(await collect(ws)).toEqual([...CAPITALS, `the last was ${WORDS.at(-1)}`]);
  expect(await ws.closed).toMatchObject({ code: 1000 });
});

test('for await reads until the clean end', async () => {
  const { client, server } = await both();
  for (const word of WORDS) server.write(word);
  server.end();
  expect(await collect(client)).toEqual(WORDS);
});

test('for await throws when the connection is cut off, after what had come', async () => {
  const { ws, peer } = await facing();
  const got: unknown[] = [];
  peer.send(text('one'));
  const reading = (async () => {
    for await (const message of ws) {
      got.push(message);
      peer.socket.end();
    }
  })();
  await expect(reading).rejects.toMatchObject({ code: 'ERR_WS_CUT_OFF' });
  expect(got).toEqual(['one']);
});

test('leaving a for await loop destroys the socket, as with every stream', async () => {
  const { ws, peer } = await facing();
  peer.send(text('one'), text('two'));
  for await (const _ of ws) break;
  expect(ws.destroyed).toBe(true);
  await peer.ended();
});

test('readable.pipe(ws) and ws.pipe(writable)', async () => {
  const { url } = await shouting();
  const ws = connected(url);
  const got: string[] = [];
  const sink = new Writable({
    objectMode: true,
    write(message: string, _, done) {
      got.push(message);
      setImmediate(done);
    },
  });
  Readable.from(WORDS).pipe(ws).pipe(sink);
  await once(sink, 'finish');
  expect(got).toEqual(CAPITALS);
});

test('stream.compose makes one Duplex of a socket and a stage', async () => {
  const { url } = await shouting();
  const lengths = new Transform({
    objectMode: true,
    transform: (message: string, _, done) => done(null, message.length),
  });
  const composed = composeOf(connected(url), lengths);
  Readable.from(WORDS).pipe(composed);
  expect(await collect(composed)).toEqual(WORDS.map(({ length }) => length));
});

test('addAbortSignal and pipeline’s own signal destroy the socket; the peer is told 1011', async () => {
  for (const arm of [
    (ws: WebSocketDuplex, signal: AbortSignal) => void addAbortSignal(signal, ws),
    (ws: WebSocketDuplex, signal: AbortSignal) =>
      void pipelined(ws, async () => new Promise(() => {}), { signal }).catch(() => {}),
  ]) {
    const { ws, peer } = await facing();
    const { over, errors } = lifeOf(ws);
    const controller = new AbortController();
    arm(ws, controller.signal);
    controller.abort();
    expect(await over).toMatchObject({ code: 1011 });
    expect(await peer.closed()).toMatchObject({ code: 1011 });
    expect(errors).toMatchObject([{ name: 'AbortError' }]);
  }
});

test.each([
  ['node:stream', finished, pipeline],
  ['readable-stream', userland.finished as typeof finished, userland.pipeline as typeof pipeline],
] as const)('to %s a closed socket is what a closed Duplex is', async (_, end, pipes) => {
  const { client, server } = await both();
  server.resume();
  client.resume();
  await Promise.all([client.close(), once(client, 'close')]);
  const plain = new PassThrough({ objectMode: true });
  plain.resume().end();
  await once(plain, 'close');
  // Some versions of Node throw at once where others call back.
  const outcomes = (stream: Duplex) =>
    Promise.allSettled([
      new Promise((resolve) => end(stream, resolve)),
      new Promise((resolve) => pipes(Readable.from(['late']), stream, resolve)),
      new Promise((resolve) => pipes(stream, new PassThrough({ objectMode: true }), resolve)),
    ]);
  expect(await outcomes(client)).toEqual(await outcomes(plain));
});

test('stream/promises finished resolves at a clean close and rejects at a failure', async () => {
  const { client, server } = await both();
  const ended = whenFinished(client.resume());
  server.resume();
  server.end();
  await ended;
  const { ws, peer } = await facing();
  const failed = whenFinished(ws.resume());
  peer.send(hex`83 80 00000000`);
  await expect(failed).rejects.toMatchObject({ code: 'ERR_WS_RESERVED_OPCODE' });
});

test('a listener for drain does not hold a close up', async () => {
  const { ws, peer } = await facing();
  ws.on('drain', () => {}).resume();
  peer.sendClose(1000);
  expect(await ws.closed).toMatchObject({ code: 1000, sent: { code: 1000 } });
  expect(ws.errored).toBeNull();
});

test('bytes: a file-like source arrives byte for byte', async () => {
  const { client, server } = await both({ server: { readAs: 'bytes' } });
  const source = Buffer.alloc(3_000_000, 'framepipe');
  client.resume();
  const got = collect<Buffer>(server);
  await pipelined(Readable.from([source.subarray(0, 1_000_000), source.subarray(1_000_000)]), client);
  expect(Buffer.concat(await got).equals(source)).toBe(true);
});

test('by type a socket is a Duplex, and `closed` is awaited, raced and chained for its CloseInfo', async () => {
  const { url } = await serving({}, (ws) => void ws.end());
  const ws = connected(url).resume();
  const asDuplex: Duplex = ws;
  const asPromise: Promise<CloseInfo> = ws.closed;
  const { code, reason } = await ws.closed;
  const chained: number = await ws.closed.then((info) => info.code);
  const [raced]: CloseInfo[] = [await Promise.race([ws.closed, asPromise])];
  expect([code, reason, chained, raced?.code]).toEqual([1000, '', 1000, 1000]);
  expect(asDuplex.destroyed).toBe(true);
});
