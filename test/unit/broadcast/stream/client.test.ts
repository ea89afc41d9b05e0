import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { SlowConsumerPolicy } from '../../../../src/broadcast/client-queue.js';
import { Batch, Item } from '../../../../src/broadcast/stream/batch.js';
import { Broadcast } from '../../../../src/broadcast/stream/broadcast.js';
import { BroadcastClient, type ClientOwner } from '../../../../src/broadcast/stream/client.js';
import { broadcastSettings } from '../../../../src/broadcast/stream/options.js';
import { prepare } from '../../../../src/duplex/prepared-message.js';
import type { WebSocketDuplex } from '../../../../src/duplex/websocket-duplex.js';
import { WRITE_SIDE } from '../../../../src/duplex/write-side.js';
import { heard, heardOf, member, PLUG } from '../../../support/crowd.js';
import { turns } from '../../../support/streams.js';
import { afterTest, type Facing, type FacingOptions } from '../../../support/web-sockets.js';

/** The plug, and three messages of two characters: 10 and 2 bytes of header. */
const LIMIT = PLUG.length + 10 + 3 * 4;

/** A client with its owner's ears; `tell` is one batch of messages, numbered from 0. */
async function clientOf(policy: SlowConsumerPolicy, options: FacingOptions & { maxBufferedBytes?: number } = {}) {
  const one: Facing = await member(options);
  const owner = { leaves: jest.fn(), tooSlow: jest.fn(), caughtUp: jest.fn() } satisfies ClientOwner;
  const { maxBufferedBytes } = options;
  const client = new BroadcastClient(owner, one.ws, broadcastSettings({ policy, maxBufferedBytes }), 0);
  let number = 0;
  const tell = (...messages: readonly string[]) => {
    const batch = new Batch();
    for (const source of messages) {
      const message = prepare(source);
      const entry = { message, key: source[0], bytes: message.wire.length };
      batch.add(new Item(entry, source, undefined, number++));
    }
    client.deliver(batch);
  };
  return { ...one, one, owner, client, tell };
}

test('a batch leaves in one write, by the very bytes of the batch', async () => {
  const { ws, one, client, tell } = await clientOf('close');
  const write = jest.spyOn(ws[WRITE_SIDE], 'sendBatch');
  tell('a', 'b');
  tell('c');
  await heardOf(one, 'c');
  expect(heard(one)).toEqual(['a', 'b', 'c']);
  expect(write.mock.calls.map(([, count]) => count)).toEqual([2, 1]);
  expect(client.stats).toMatchObject({ delivered: 3, queuedMessages: 0, queuedBytes: 0 });
  expect(ws.stats).toMatchObject({ messagesSent: 3, framesSent: 3, bytesSent: 9 });
});

test.each([
  ['wait', { left: ['a1', 'b1', 'a2', 'c1'], dropped: 0, replaced: 0 }],
  ['drop-oldest', { left: ['b1', 'a2', 'c1'], dropped: 1, replaced: 0 }],
  ['drop-newest', { left: ['a1', 'b1', 'a2'], dropped: 1, replaced: 0 }],
  ['latest', { left: ['a2', 'b1', 'c1'], dropped: 0, replaced: 1 }],
] as const)('%s: a socket without room', async (policy, { left, dropped, replaced }) => {
  const { peer, ws, one, owner, client, tell } = await clientOf(policy, { reading: false, maxBufferedBytes: LIMIT });
  tell(PLUG);
  for (const message of ['a1', 'b1', 'a2', 'c1']) tell(message);
  expect(ws.bufferedBytes + client.stats.queuedBytes).toBeLessThanOrEqual(policy === 'wait' ? Infinity : LIMIT);
  expect(client.isOver).toBe(policy === 'wait');
  peer.read();
  await heardOf(one, left[left.length - 1] ?? '');
  expect(heard(one)).toEqual(['PLUG', ...left]);
  expect(client.stats).toEqual({ delivered: left.length + 1, dropped, replaced, queuedMessages: 0, queuedBytes: 0 });
  expect(owner.caughtUp).toHaveBeenCalledWith(client);
});

test('close: the first message too many, with the code and the reason of the options', async () => {
  const { ws, peer, owner, client, tell } = await clientOf('close', { reading: false, maxBufferedBytes: LIMIT });
  tell(PLUG);
  tell('a', 'b', 'c', 'd', 'e', 'f', 'g');
  expect(owner.tooSlow).toHaveBeenCalledTimes(1);
  expect(owner.leaves).toHaveBeenCalledWith(client);
  expect(client.stats).toMatchObject({ delivered: 1, queuedMessages: 0, queuedBytes: 0 });
  expect(ws.writableEnded).toBe(true);
  peer.read();
  expect(await peer.closed()).toEqual({ code: 1013, reason: 'Too slow' });
});

test('nothing overtakes: what the user writes, what waits, what comes', async () => {
  const { ws, peer, one, tell } = await clientOf('wait', { reading: false });
  ws.write(PLUG);
  ws.write('own');
  tell('first', 'second');
  ws.write('own, later');
  tell('third');
  peer.read();
  await heardOf(one, 'third');
  const all = heard(one);
  expect(all.filter((text) => !text.startsWith('own'))).toEqual(['PLUG', 'first', 'second', 'third']);
  expect(all.filter((text) => text.startsWith('own'))).toEqual(['own', 'own, later']);
});

test('what is for some only is sent message by message', async () => {
  const { one, client, tell } = await clientOf('close');
  client.filter = (message, key) => key !== 'x' && message !== 'no';
  tell('a', 'xyz', 'no', 'b');
  await heardOf(one, 'b');
  expect(heard(one)).toEqual(['a', 'b']);
  expect(client.stats.delivered).toBe(2);
});

test('a client role masks each frame', async () => {
  const { peer, one, tell } = await clientOf('close', { role: 'client' });
  tell('a', 'b');
  await heardOf(one, 'b');
  expect([heard(one), peer.heardBytes]).toEqual([['a', 'b'], 14]);
});

test('diagnostics are told of each message and each frame', async () => {
  const { one, tell } = await clientOf('close');
  const told: unknown[] = [];
  const listen = (about: unknown) => told.push((about as { bytes: number }).bytes);
  for (const channel of ['framepipe:message', 'framepipe:frame']) {
    subscribe(channel, listen);
    afterTest(() => unsubscribe(channel, listen));
  }
  tell('a', 'bc');
  await heardOf(one, 'bc');
  expect(told.sort()).toEqual([1, 1, 2, 2]);
});

test('a socket that is closing or gone leaves, and is not written to', async () => {
  for (const end of ['end', 'destroy'] as const) {
    const { ws, owner, client, tell } = await clientOf('close');
    ws[end]();
    tell('a');
    await turns(2);
    expect(owner.leaves).toHaveBeenCalledWith(client);
    expect([client.stats.delivered, ws.stats.messagesSent]).toEqual([0, 0]);
  }
});

test('a socket that dies gives back what waited for it', async () => {
  const { ws, owner, client, tell } = await clientOf('wait', { reading: false, maxBufferedBytes: 10 });
  tell(PLUG);
  tell('a', 'b', 'c');
  expect([client.isOver, client.stats.queuedMessages]).toEqual([true, 3]);
  ws.destroy(new Error('cut'));
  await turns(2);
  expect(owner.leaves).toHaveBeenCalledWith(client);
  expect([client.isOver, client.stats.queuedMessages, ws[WRITE_SIDE].followers.size]).toEqual([false, 0, 0]);
});

test('leaving afterwards: gets what is queued, then is closed or left alone', async () => {
  for (const then of ['keep', 'close'] as const) {
    const { ws, peer, one, client, tell } = await clientOf('close', { reading: false });
    tell(PLUG);
    tell('queued');
    client.leaveAfterwards(then);
    expect(ws.writableEnded).toBe(false);
    peer.read();
    await heardOf(one, 'queued');
    await turns(2);
    expect([ws.writableEnded, ws[WRITE_SIDE].followers.size]).toEqual([then === 'close', 0]);
    if (then === 'close') expect(await peer.closed()).toEqual({ code: 1000, reason: '' });
  }
});

test('leaving at once: nothing more, and its socket stays open', async () => {
  const { ws, peer, client, tell } = await clientOf('close', { reading: false });
  tell(PLUG);
  tell('queued');
  client.leaveAtOnce();
  expect([client.stats.queuedMessages, ws.writableEnded, ws[WRITE_SIDE].followers.size]).toEqual([0, false, 0]);
  peer.read();
  ws.write('after');
  await peer.until(() => peer.frames.length === 2);
  expect(String(peer.frames[1]?.payload)).toBe('after');
});

test.each([
  ['deletes its client', (broadcast: Broadcast, ws: WebSocketDuplex) => broadcast.delete(ws), true],
  ['destroys the feed', (broadcast: Broadcast) => broadcast.destroy(), true],
  ['closes its client', (_: Broadcast, ws: WebSocketDuplex) => ws.close(), false],
])('a filter that %s: nothing more for that client, and the counts are right', async (_, act, isWritable) => {
  const broadcast = new Broadcast();
  afterTest(() => broadcast.destroy());
  const one = await member();
  broadcast.add(one.ws, {
    filter: (message) => {
      if (message === 'b') act(broadcast, one.ws);
      return true;
    },
  });
  for (const message of 'abcd') broadcast.write(message);
  await heardOf(one, 'a');
  await turns(5);
  expect([heard(one)[0], heard(one).includes('b'), heard(one).includes('d')]).toEqual(['a', false, false]);
  expect(broadcast.stats).toMatchObject({ delivered: 1, queuedMessages: 0 });
  expect(one.ws.writable).toBe(isWritable);
});
