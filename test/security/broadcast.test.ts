/** One to many: what bad clients can do to a Broadcast, to each other, and to memory. */
import { Broadcast } from '../../src/broadcast/stream/broadcast.js';
import type { BroadcastOptions } from '../../src/broadcast/stream/options.js';
import { WRITE_SIDE } from '../../src/duplex/write-side.js';
import { heard, heardOf, member } from '../support/crowd.js';
import { heapUsed } from '../support/heap.js';
import { turns } from '../support/streams.js';
import { afterTest, type FacingOptions, facing } from '../support/web-sockets.js';

async function room(options: BroadcastOptions, ...members: readonly FacingOptions[]) {
  const broadcast = new Broadcast(options);
  afterTest(() => broadcast.destroy());
  const clients = await Promise.all(members.map(member));
  for (const { ws } of clients) broadcast.add(ws);
  return { broadcast, clients };
}

test.each(['drop-oldest', 'drop-newest', 'latest', 'close'] as const)(
  '%s: who does not read delays nobody, and misses what does not fit',
  async (policy) => {
    const { broadcast, clients } = await room({ policy, maxBufferedBytes: 100_000 }, {}, { reading: false });
    const [good, stuck] = clients;
    if (good === undefined || stuck === undefined) throw new Error('two were asked for');
    for (let i = 0; i < 50; i++) {
      broadcast.write(`${i}`.padEnd(10_000));
      await heardOf(good, `${i}`.padEnd(10_000));
    }
    expect(stuck.ws.bufferedBytes + (broadcast.statsOf(stuck.ws)?.queuedBytes ?? 0)).toBeLessThanOrEqual(100_000);
    const { dropped, replaced, closed } = broadcast.stats;
    expect([dropped > 0, replaced > 0, closed]).toEqual([
      policy.startsWith('drop'),
      policy === 'latest',
      policy === 'close' ? 1 : 0,
    ]);
    expect(broadcast.size).toBe(policy === 'close' ? 1 : 2);
  },
);

test('a client over TCP that never reads holds its limit and no more, for as long as it likes', async () => {
  const broadcast = new Broadcast({ policy: 'drop-oldest', maxBufferedBytes: 256 * 1024 });
  const stuck = await facing({ reading: false });
  broadcast.add(stuck.ws);
  const message = Buffer.alloc(16 * 1024, 7);
  // 64 MiB: whatever the system buffers is full long before.
  for (let i = 0; i < 4_096; i++) {
    broadcast.write(message);
    if (i % 4 === 0) await turns(1);
    const held = stuck.ws.bufferedBytes + broadcast.stats.queuedBytes;
    if (held > 256 * 1024) throw new Error(`${held} bytes are held after ${i} messages`);
  }
  expect(broadcast.stats.dropped).toBeGreaterThan(1_000);
  broadcast.destroy();
});

test('clients over TCP that die in the middle of a write, in every turn of a round, harm nobody', async () => {
  const broadcast = new Broadcast();
  const clients = await Promise.all(Array.from({ length: 40 }, () => facing()));
  for (const { ws } of clients) broadcast.add(ws);
  const [survivor, ...others] = clients;
  if (survivor === undefined) throw new Error('somebody has to survive');
  for (const [at, { ws, peer }] of others.entries()) {
    broadcast.write(`${at}`.padEnd(20_000));
    if (at % 3 === 0) peer.socket.destroy();
    if (at % 3 === 1) ws.destroy(new Error('gone'));
    if (at % 3 === 2) peer.socket.end();
    await turns(at % 2);
  }
  broadcast.write('still here');
  await heardOf(survivor, 'still here');
  expect(heard(survivor)).toHaveLength(40);
  while (broadcast.size > 1) await turns(1);
  expect([broadcast.has(survivor.ws), broadcast.destroyed]).toEqual([true, false]);
});

test('10,000 comings and goings leave nothing behind: no listener, no follower, no memory', async () => {
  const { broadcast, clients } = await room({}, {});
  const ws = clients[0]?.ws;
  if (ws === undefined) throw new Error('one was asked for');
  broadcast.delete(ws);
  const listeners = ws.eventNames().map((name) => ws.listenerCount(name));
  const comeAndGo = async (times: number) => {
    for (let i = 0; i < times; i++) {
      broadcast.add(ws, { filter: () => i >= 0 });
      if (i % 100 === 0) {
        broadcast.write('hi');
        await turns(1);
      }
      broadcast.delete(ws);
    }
  };
  await comeAndGo(1_000);
  const before = heapUsed();
  await comeAndGo(10_000);
  // A client takes some hundred bytes: 10,000 that were kept would be megabytes.
  expect(heapUsed() - before).toBeLessThan(1_000_000);
  expect(ws.eventNames().map((name) => ws.listenerCount(name))).toEqual(listeners);
  expect([broadcast.size, ws[WRITE_SIDE].followers.size]).toEqual([0, 0]);
});

test('a socket may be in many rooms, and none of them leaves a listener', async () => {
  const { ws, peer } = await member();
  const warned = jest.spyOn(process, 'emitWarning');
  const listeners = ws.eventNames().map((name) => ws.listenerCount(name));
  const rooms = Array.from({ length: 50 }, () => new Broadcast());
  for (const one of rooms) one.add(ws);
  expect(ws.eventNames().map((name) => ws.listenerCount(name))).toEqual(listeners);
  for (const one of rooms) one.write('hi');
  await peer.until(() => peer.frames.length === 50);
  ws.destroy();
  expect(rooms.map(({ size }) => size)).toEqual(rooms.map(() => 0));
  expect(warned).not.toHaveBeenCalled();
});
