import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { channels, publishSent } from '../../../src/duplex/diagnostics.js';
import { PassingText } from '../../../src/duplex/outgoing.js';
import { turns } from '../../support/streams.js';
import { afterTest, both, facing } from '../../support/web-sockets.js';
import { hex } from '../../support/wire.js';

type Event = Readonly<Record<string, unknown>> & { readonly channel: string };

/** Collects what the given channels publish. */
function listenTo(...names: readonly string[]): Event[] {
  const events: Event[] = [];
  for (const name of names) {
    const listener = (message: unknown) => events.push({ channel: name, ...(message as object) });
    subscribe(`framepipe:${name}`, listener);
    afterTest(() => unsubscribe(`framepipe:${name}`, listener));
  }
  return events;
}

test('the channels are framepipe:open, close, frame, message and error', () => {
  for (const [key, { name }] of Object.entries(channels)) expect(name).toBe(`framepipe:${key}`);
  expect(Object.keys(channels).toSorted()).toEqual(['close', 'error', 'frame', 'message', 'open']);
});

test('nobody listens: nothing is published', async () => {
  const spies = Object.values(channels).map((one) => jest.spyOn(one, 'publish'));
  const { client, server } = await both();
  server.pipe(server);
  client.write('x');
  client.end();
  await client.resume().closed;
  expect(spies.flatMap((spy) => spy.mock.calls)).toEqual([]);
  for (const spy of spies) spy.mockRestore();
});

test('open and close name the socket', async () => {
  const events = listenTo('open', 'close');
  const { client, server } = await both();
  server.resume();
  await client.resume().close();
  await turns(5);
  expect(events.filter(({ channel }) => channel === 'open').map(({ socket }) => socket)).toEqual([client, server]);
  const closed = events.filter(({ channel }) => channel === 'close');
  expect(closed).toHaveLength(2);
  for (const { info } of closed) expect(info).toMatchObject({ code: 1000, sent: { code: 1000 } });
});

test('frames and messages, both directions, sizes in bytes', async () => {
  const events = listenTo('frame', 'message');
  const { ws, peer } = await facing({ readAs: 'stream' });
  ws.resume();
  ws.write('é');
  ws.write(['a', 'b']);
  await peer.until(() => peer.frames.length === 4);
  peer.send(hex`82 83 00000000 010203`);
  while (events.filter(({ direction }) => direction === 'in').length < 2) await turns(1);
  expect(new Set(events.map(({ socket }) => socket))).toEqual(new Set([ws]));
  const seen = (which: string) =>
    events.filter(({ channel }) => channel === which).map(({ channel: _, socket: __, ...rest }) => rest);
  expect(seen('message')).toEqual([
    { direction: 'out', type: 'text', bytes: 2 },
    { direction: 'out', type: null, bytes: null },
    { direction: 'in', type: 'binary', bytes: null },
  ]);
  expect(seen('frame')).toEqual([
    { direction: 'out', opcode: 1, fin: true, bytes: 2 },
    { direction: 'out', opcode: 1, fin: false, bytes: 1 },
    { direction: 'out', opcode: 0, fin: false, bytes: 1 },
    { direction: 'out', opcode: 0, fin: true, bytes: 0 },
    { direction: 'in', opcode: 2, fin: true, bytes: 3 },
  ]);
});

test('a whole text message that is read counts bytes, as every other', async () => {
  const events = listenTo('message');
  const { client, server } = await both();
  server.resume();
  client.write('é😀');
  await client.resume().close();
  expect(events.map(({ direction, bytes }) => [direction, bytes])).toEqual([
    ['out', 6],
    ['in', 6],
  ]);
});

test('a text that passes through is a text, sent as so many bytes', () => {
  const events = listenTo('message');
  publishSent('it', new PassingText(Buffer.from('é😀')));
  expect(events).toMatchObject([{ socket: 'it', direction: 'out', type: 'text', bytes: 6 }]);
});

test('errors, also those that nobody listens to', async () => {
  const events = listenTo('error');
  const { ws, peer } = await facing();
  peer.send(hex`83 80 00000000`);
  await ws.resume().closed;
  expect(events).toMatchObject([{ socket: ws, error: { code: 'ERR_WS_RESERVED_OPCODE' } }]);
});
