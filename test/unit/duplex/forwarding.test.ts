import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { once } from 'node:events';
import { PassThrough, Readable } from 'node:stream';
import { forwardsTo, relay } from '../../../src/duplex/forwarding.js';
import { PassingText } from '../../../src/duplex/outgoing.js';
import type { Session } from '../../../src/duplex/session.js';
import { lastReader } from '../../../src/duplex/stream-state.js';
import { WebSocketDuplex } from '../../../src/duplex/websocket-duplex.js';
import { WRITE_SIDE } from '../../../src/duplex/write-side.js';
import { AGREED, compression, readMessages } from '../../support/deflate.js';
import { afterTest, type FacingOptions, facing } from '../../support/web-sockets.js';

const from = (source: WebSocketDuplex) => forwardsTo(source, WebSocketDuplex.prototype, lastReader(source));

async function piped(options: FacingOptions = {}) {
  const [source, target] = [(await facing()).ws, (await facing(options)).ws];
  source.pipe(target);
  return { source, target };
}

test('to where a WebSocket is piped, and only while it is', async () => {
  const { source, target } = await piped();
  expect(from(source)).toBe(target[WRITE_SIDE]);
  expect(from(target)).toBeNull();
  source.unpipe(target);
  expect(from(source)).toBeNull();
});

test('a WebSocket may be piped into itself', async () => {
  const { ws } = await facing();
  ws.pipe(ws);
  expect(from(ws)).toBe(ws[WRITE_SIDE]);
});

test('not into streams of another kind, nor into one that is not open yet', async () => {
  const { ws } = await facing();
  for (const target of [new PassThrough({ objectMode: true }), new WebSocketDuplex({ role: 'client' })]) {
    ws.pipe(target);
    expect(from(ws)).toBeNull();
    ws.unpipe(target);
  }
});

test.each<[string, (target: WebSocketDuplex) => unknown]>([
  ['is corked', (target) => target.cork()],
  ['has ended', (target) => target.end()],
  ['is destroyed', (target) => target.destroy()],
  ['has a message under way', (target) => target.write((async function* () {})())],
])('not while the other one %s', async (_, change) => {
  const { source, target } = await piped();
  change(target);
  expect(from(source)).toBeNull();
});

test('not while as much is held as the other one may hold', async () => {
  const { source, target } = await piped({ maxBufferedBytes: 100 });
  const { sender } = target[WRITE_SIDE].session as Session;
  sender.binary(Buffer.alloc(97));
  expect(from(source)).toBe(target[WRITE_SIDE]);
  sender.binary(Buffer.alloc(0));
  expect(from(source)).toBeNull();
});

test('not into one that compresses', async () => {
  const { source } = await piped({ compression: compression(), agreement: { extensions: AGREED } });
  expect(from(source)).toBeNull();
});

test.each(['message', 'frame'])('not while anybody listens at framepipe:%s', async (name) => {
  const { source } = await piped();
  const listener = () => {};
  subscribe(`framepipe:${name}`, listener);
  afterTest(() => unsubscribe(`framepipe:${name}`, listener));
  expect(from(source)).toBeNull();
  unsubscribe(`framepipe:${name}`, listener);
  expect(from(source)).not.toBeNull();
});

test.each(['emit', 'push'] as const)('not past a %s of the source’s own', async (method) => {
  const { source } = await piped();
  source[method] = ((...given: [never]) => WebSocketDuplex.prototype[method].apply(source, given)) as never;
  expect(from(source)).toBeNull();
});

test.each(['write', '_write'] as const)('not past a %s of the other one’s own', async (method) => {
  const { source, target } = await piped();
  target[method] = (() => true) as never;
  expect(from(source)).toBeNull();
});

describe('a long text', () => {
  const LONG = new PassingText(Buffer.from('long'));
  const relayed = (source: WebSocketDuplex, text: PassingText | null = LONG) =>
    relay(source, WebSocketDuplex.prototype, lastReader(source), text);

  test.each<[string, FacingOptions]>([
    ['compresses', { compression: compression({ threshold: 0 }), agreement: { extensions: AGREED } }],
    ['does not', {}],
  ])('is relayed to a WebSocket that %s, behind what waits there', async (_, options) => {
    const target = await facing(options);
    const { ws: source } = await facing();
    source.pipe(target.ws);
    target.ws.write(Readable.from(['fir', 'st']));
    expect(relayed(source)).toBe(true);
    while (!target.peer.frames.some(({ opcode, fin }) => opcode === 1 && fin)) await once(target.peer.socket, 'heard');
    const messages = readMessages(target.peer.frames);
    expect(messages.map(({ type, payload }) => [type, payload.toString()])).toEqual([
      ['text', 'first'],
      ['text', 'long'],
    ]);
  });

  test('whether it would be changes nothing', async () => {
    const { source, target } = await piped();
    expect(relayed(source, null)).toBe(true);
    expect(target.stats.messagesSent).toBe(0);
    source.unpipe(target);
    expect([relayed(source, null), relayed(source)]).toEqual([false, false]);
  });

  test('is the reader’s where somebody may look', async () => {
    const { source, target } = await piped();
    const look = jest.fn();
    source.on('data', look);
    expect(relayed(source)).toBe(false);
    source.off('data', look);
    target.write = (() => true) as never;
    expect([relayed(source), look.mock.calls]).toEqual([false, []]);
  });

  test('pauses its source when the other one is full', async () => {
    const { source, target } = await piped({ maxBufferedBytes: 1 });
    target.write(Readable.from([], { read() {} }));
    expect(relayed(source)).toBe(true);
    expect(source.isPaused()).toBe(true);
    expect(relayed(source)).toBe(false);
  });
});
