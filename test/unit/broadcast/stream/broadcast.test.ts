import { once } from 'node:events';
import { duplexPair, PassThrough, Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { Broadcast } from '../../../../src/broadcast/stream/broadcast.js';
import type { BroadcastOptions } from '../../../../src/broadcast/stream/options.js';
import { prepare } from '../../../../src/duplex/prepared-message.js';
import { WebSocketDuplex } from '../../../../src/duplex/websocket-duplex.js';
import { UsageError } from '../../../../src/errors.js';
import { heard, heardOf, member, PLUG } from '../../../support/crowd.js';
import { failureOf, turn, turns } from '../../../support/streams.js';
import { afterTest, type FacingOptions } from '../../../support/web-sockets.js';

async function room(options: BroadcastOptions, ...members: readonly FacingOptions[]) {
  const broadcast = new Broadcast(options);
  broadcast.on('error', () => {});
  afterTest(() => broadcast.destroy());
  const clients = await Promise.all(members.map(member));
  for (const { ws } of clients) broadcast.add(ws);
  return { broadcast, clients };
}

test('a feed: each message to each client, in order, and the clients stay', async () => {
  const { broadcast, clients } = await room({}, {}, {}, {});
  await pipeline(Readable.from(['a', 'b', 'c']), broadcast);
  for (const one of clients) {
    await heardOf(one, 'c');
    expect(heard(one)).toEqual(['a', 'b', 'c']);
    expect(one.ws.writable).toBe(true);
  }
  expect(broadcast.stats).toMatchObject({ written: 3, delivered: 9, dropped: 0, closed: 0, waits: 0 });
});

test.each([
  ['a string', 'text', 1],
  ['a Buffer', Buffer.from('text'), 2],
  ['a view', new Uint8Array(Buffer.from('text')), 2],
  ['an ArrayBuffer', Uint8Array.from(Buffer.from('text')).buffer, 2],
  ['a prepared one', prepare('text'), 1],
])('%s', async (_, message, opcode) => {
  const { broadcast, clients } = await room({}, {}, {});
  broadcast.write(message);
  for (const one of clients) {
    await heardOf(one, 'text');
    expect(one.peer.frames[0]?.opcode).toBe(opcode);
  }
});

test.each([[5], [null], [{}], [Readable.from(['a'])], [['a']]])(
  '%p is no message for many: a UsageError',
  async (wrong) => {
    const { broadcast } = await room({});
    expect(() => broadcast.write(wrong as never)).toThrow(UsageError);
  },
);

test('a client is a WebSocketDuplex that is not over', async () => {
  const { broadcast, clients } = await room({}, {});
  expect(() => broadcast.add(new PassThrough() as never)).toThrow(UsageError);
  expect(() => broadcast.add(clients[0]?.ws as WebSocketDuplex, { filter: 1 as never })).toThrow(UsageError);
  const { ws } = await member();
  expect([broadcast.add(ws), broadcast.add(ws), broadcast.has(ws), broadcast.size]).toEqual([true, true, true, 2]);
  expect([broadcast.delete(ws), broadcast.delete(ws), broadcast.has(ws), broadcast.size]).toEqual([
    true,
    false,
    false,
    1,
  ]);
  ws.end();
  expect(broadcast.add(ws)).toBe(false);
  broadcast.destroy();
  expect([broadcast.add((await member()).ws), broadcast.size]).toEqual([false, 0]);
});

test('what is written in one turn leaves in one write for each client', async () => {
  const { broadcast, clients } = await room({}, {}, {});
  const chunks = clients.map(({ peer }) => {
    const sizes: number[] = [];
    peer.socket.on('data', (chunk: Buffer) => sizes.push(chunk.length));
    return sizes;
  });
  for (const message of 'abcdefgh') broadcast.write(message);
  for (const one of clients) await heardOf(one, 'h');
  expect(chunks).toEqual([[24], [24]]);
});

test('a client gets what is written after it came, and nothing after it left', async () => {
  const { broadcast, clients } = await room({}, {});
  const late = await member();
  broadcast.write('before');
  broadcast.add(late.ws);
  broadcast.write('between');
  await heardOf(late, 'between');
  broadcast.write('after');
  broadcast.delete(late.ws);
  const [early] = clients;
  if (early !== undefined) await heardOf(early, 'after');
  await turns(3);
  expect([early && heard(early), heard(late)]).toEqual([['before', 'between', 'after'], ['between']]);
});

test('filters, keys and the one who is left out', async () => {
  const { broadcast, clients } = await room({ key: (message) => String(message)[0] }, {}, {}, {});
  const [all, some, author] = clients;
  if (all === undefined || some === undefined || author === undefined) throw new Error('three were asked for');
  broadcast.add(some.ws, { filter: (message, key) => key === 'b' || message === 'c1' });
  broadcast.write('a1', { except: author.ws });
  broadcast.write('b1');
  broadcast.write('c1', { except: author.ws });
  broadcast.write('d1', { key: 'b' });
  for (const one of clients) await heardOf(one, 'd1');
  expect(clients.map(heard)).toEqual([
    ['a1', 'b1', 'c1', 'd1'],
    ['b1', 'c1', 'd1'],
    ['b1', 'd1'],
  ]);
});

const thrown = () => {
  throw new Error('no idea');
};
test.each([
  ['filter', {}, { filter: thrown }],
  ['key function', { key: thrown }, {}],
])('a %s that throws ends the feed with its error, and not the program', async (_, options, ofClient) => {
  const { broadcast, clients } = await room(options, {});
  broadcast.add((await member()).ws, ofClient);
  const failure = failureOf(broadcast);
  broadcast.write('a');
  expect(await failure).toMatchObject({ message: 'no idea' });
  expect(clients[0]?.ws.writable).toBe(true);
});

test('destroyed with messages in queues: they are no longer counted as waiting', async () => {
  const { broadcast, clients } = await room({}, { reading: false });
  broadcast.write(PLUG);
  await turn();
  broadcast.write('waits');
  await turns(2);
  expect(broadcast.stats.queuedMessages).toBe(1);
  broadcast.destroy();
  expect(broadcast.stats).toMatchObject({ queuedMessages: 0, queuedBytes: 0, delivered: 1 });
  expect(clients[0]?.ws.writable).toBe(true);
});

describe('wait', () => {
  const stuckRoom = () => room({ policy: 'wait', maxBufferedBytes: 1_000 }, {}, { reading: false });

  test('the source waits for the slowest, and goes on when it reads', async () => {
    const { broadcast, clients } = await stuckRoom();
    let made = 0;
    const source = Readable.from(
      (function* () {
        for (; made < 200; made++) yield `${made}`.padEnd(5_000);
      })(),
      { highWaterMark: 1 },
    );
    const fed = pipeline(source, broadcast);
    await turns(50);
    const before = made;
    expect(before).toBeLessThan(100);
    await turns(20);
    expect(made).toBe(before);
    clients[1]?.peer.read();
    await fed;
    for (const one of clients) {
      await heardOf(one, '199'.padEnd(5_000));
      expect(heard(one).map(Number)).toEqual([...Array(200).keys()]);
    }
    expect(broadcast.stats).toMatchObject({ waits: expect.any(Number), dropped: 0, delivered: 400 });
    expect(broadcast.stats.waits).toBeGreaterThan(0);
  });

  test.each(['destroy', 'delete'] as const)('who is waited for and leaves (%s) is waited for no more', async (how) => {
    const { broadcast, clients } = await stuckRoom();
    const fed = pipeline(Readable.from(Array.from({ length: 100 }, () => PLUG)), broadcast);
    await turns(20);
    const ws = clients[1]?.ws as WebSocketDuplex;
    if (how === 'destroy') ws.destroy();
    else broadcast.delete(ws);
    expect(broadcast.size).toBe(1);
    await fed;
  });
});

test('write returns false when the source is ahead of the clients, and drain follows', async () => {
  const { broadcast } = await room({}, {});
  let writes = 0;
  while (broadcast.write('x'.repeat(1_000))) writes++;
  expect(writes).toBeGreaterThan(30);
  expect(writes).toBeLessThan(100);
  await once(broadcast, 'drain');
  expect(broadcast.write('y')).toBe(true);
});

test('finish comes when each message is with each socket or queue, and queues are emptied after it', async () => {
  const { broadcast, clients } = await room({}, {}, { reading: false });
  broadcast.write(PLUG);
  await turn();
  broadcast.write('a');
  broadcast.end('b');
  await once(broadcast, 'finish');
  expect(broadcast.stats.delivered).toBe(4);
  for (const one of clients) {
    one.peer.read();
    await heardOf(one, 'b');
    expect(heard(one)).toEqual(['PLUG', 'a', 'b']);
    expect(one.ws.writable).toBe(true);
  }
  expect(broadcast.size).toBe(0);
});

test.each([
  ['end', 1000],
  ['destroy', 1001],
  ['fail', 1011],
] as const)('atEnd close: %s closes the clients with %d', async (how, code) => {
  const { broadcast, clients } = await room({ atEnd: 'close' }, {});
  broadcast.write('last');
  await turn();
  if (how === 'end') broadcast.end();
  else broadcast.destroy(how === 'fail' ? new Error('no more') : undefined);
  expect(await clients[0]?.peer.closed()).toMatchObject({ code });
});

test('destroyed with messages under way: their callbacks say so, the clients stay', async () => {
  const { broadcast, clients } = await room({ policy: 'wait', maxBufferedBytes: 1 }, { reading: false });
  const errors: unknown[] = [];
  for (let i = 0; i < 5; i++) broadcast.write(PLUG, (error) => errors.push(error));
  await turns(3);
  broadcast.destroy();
  await turns(3);
  expect(errors.filter((error) => error instanceof Error).length).toBeGreaterThan(0);
  expect(errors).toHaveLength(5);
  expect(clients[0]?.ws.writable).toBe(true);
});

test('a socket that is still connecting gets what was written meanwhile', async () => {
  const { broadcast } = await room({});
  const ws = new WebSocketDuplex({ role: 'client', keepAlive: false });
  afterTest(() => ws.destroy());
  broadcast.add(ws);
  broadcast.write('early');
  await turns(2);
  expect(broadcast.statsOf(ws)).toMatchObject({ delivered: 0, queuedMessages: 1 });
  const [near, far] = duplexPair();
  ws.open(near);
  const [heard] = (await once(far, 'data')) as [Buffer];
  expect(heard).toHaveLength('early'.length + 6);
  expect(broadcast.statsOf(ws)).toMatchObject({ delivered: 1, queuedMessages: 0 });
});
