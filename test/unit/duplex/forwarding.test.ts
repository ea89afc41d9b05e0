import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { PassThrough } from 'node:stream';
import { forwardsTo } from '../../../src/duplex/forwarding.js';
import type { Session } from '../../../src/duplex/session.js';
import { WebSocketDuplex } from '../../../src/duplex/websocket-duplex.js';
import { WRITE_SIDE } from '../../../src/duplex/write-side.js';
import { AGREED, compression } from '../../support/deflate.js';
import { afterTest, type FacingOptions, facing } from '../../support/web-sockets.js';

const from = (source: WebSocketDuplex) => forwardsTo(source, WebSocketDuplex.prototype);

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
