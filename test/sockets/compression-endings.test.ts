/** A connection that ends while a long message is on its way through zlib: in every order, never an uncaught error. */
import { randomBytes } from 'node:crypto';
import type { Frame } from '../../src/codec/frame.js';
import type { MessageStream } from '../../src/duplex/message-stream.js';
import { prepare } from '../../src/duplex/prepared-message.js';
import { AGREED, bomb, compressed, compression, readMessages } from '../support/deflate.js';
import { frameOf } from '../support/frames.js';
import { collect, turns } from '../support/streams.js';
import { afterTest, both, type Facing, facing, lifeOf, next } from '../support/web-sockets.js';
import { hex } from '../support/wire.js';

const MIB = 2 ** 20;
const LONG = Buffer.alloc(4 * MIB, 'the quick brown fox jumps over the lazy dog, ');
const rsv1 = (opcode: number, payload: Uint8Array): Frame => frameOf(opcode, payload, { rsv1: true });
const ZEROS = rsv1(2, bomb(12 * MIB));
const OPTIONS = { deflate: true, agreement: { extensions: AGREED } } as const;

/** Errors that nobody caught, and promises whose rejection nobody handled, during the test. */
function uncaught(): readonly unknown[] {
  const errors: unknown[] = [];
  const take = (error: unknown) => errors.push(error);
  process.on('uncaughtException', take).on('unhandledRejection', take);
  afterTest(() => process.off('uncaughtException', take).off('unhandledRejection', take));
  return errors;
}

const EVENTS: Record<string, (facing: Facing) => unknown> = {
  inflate: ({ peer }) => peer.send(ZEROS),
  deflate: ({ ws }) => ws.writable && ws.write(LONG),
  'deflate pieces': ({ ws }) => ws.writable && ws.write([LONG, LONG]),
  'deflate prepared': ({ ws }) => ws.writable && ws.write(prepare(LONG)),
  garbage: ({ peer }) => peer.send(rsv1(2, Buffer.alloc(9, 0xff))),
  limit: ({ peer }) => peer.send(rsv1(2, bomb(17 * MIB))),
  'close frame': ({ peer }) => peer.sendClose(1000),
  close: ({ ws }) => ws.close(),
  destroy: ({ ws }) => ws.destroy(),
  fail: ({ ws }) => ws.destroy(new Error('enough')),
  reset: ({ peer }) => peer.socket.destroy(),
};
const NAMES = Object.keys(EVENTS);
const PAIRS = NAMES.flatMap((first) => NAMES.map((second) => [first, second] as const));

describe.each([0, 1, 3])('%d turns of the event loop in between', (between) => {
  test.each(PAIRS)('%s, then %s, then gone', async (first, second) => {
    const errors = uncaught();
    const shared = compression({ idleReleaseMs: Infinity });
    const { ws, peer } = await facing({ ...OPTIONS, compression: shared });
    const life = lifeOf(ws);
    ws.resume();
    for (const name of [first, second]) {
      EVENTS[name]?.({ ws, peer });
      await turns(between);
    }
    peer.socket.destroy();
    await life.over;
    await turns(3);
    expect(errors).toEqual([]);
    expect(life.errors.length).toBeLessThanOrEqual(1);
    // Whoever shares the contexts is still served, and none was lost.
    const others = await both({
      client: { compression: shared, agreement: { extensions: AGREED } },
      server: { compression: shared, agreement: { extensions: AGREED } },
    });
    others.client.write(LONG.subarray(0, 9_999).toString());
    expect(await next(others.server)).toHaveLength(9_999);
    expect(shared.contexts.inflating).toBeLessThanOrEqual(2);
    expect(shared.contexts.deflating).toBeLessThanOrEqual(2);
  });
});

test.each([
  ['whole', () => LONG],
  ['in pieces', () => [LONG.subarray(0, MIB), LONG.subarray(MIB)]],
  ['prepared', () => prepare(LONG)],
])(
  'nothing follows the close frame when a violation comes while a message is being compressed: %s',
  async (_, make) => {
    for (const wait of [0, 1, 2, 5]) {
      const { ws, peer } = await facing(OPTIONS);
      const { over } = lifeOf(ws.resume());
      ws.write(make());
      await turns(wait);
      peer.send(hex`ff`);
      await over;
      await peer.ended();
      expect(peer.frames.at(-1)).toMatchObject({ opcode: 8 });
      const { payload = Buffer.alloc(0) } = peer.frames.at(-1) ?? {};
      expect(peer.bytes.subarray(-payload.length)).toEqual(payload);
    }
  },
);

test('everything that was written before the end arrives before the close frame', async () => {
  const { ws, peer } = await facing(OPTIONS);
  ws.write('first');
  ws.write(LONG);
  ws.write([LONG, LONG]);
  ws.write(prepare(LONG));
  ws.write(randomBytes(MIB));
  ws.end('last');
  await peer.closed();
  const lengths = readMessages(peer.frames).map(({ payload }) => payload.length);
  expect(lengths).toEqual([5, 4 * MIB, 8 * MIB, 4 * MIB, MIB, 4]);
});

test("'end' comes after the last byte of a long message, on both sides at once", async () => {
  const { client, server } = await both({ client: OPTIONS, server: OPTIONS });
  for (const ws of [client, server]) {
    ws.write(LONG);
    ws.end();
  }
  const [one, two] = await Promise.all([collect<Buffer>(client), collect<Buffer>(server)]);
  expect([one, two].map((read) => read.map(({ length }) => length))).toEqual([[4 * MIB], [4 * MIB]]);
  expect(await client.closed).toMatchObject({ code: 1000 });
});

test('a stream of a message that is cut off half way through inflating fails with the connection', async () => {
  const { ws, peer } = await facing({ ...OPTIONS, readAs: 'stream' });
  lifeOf(ws);
  peer.send(frameOf(2, hex`${bomb(MIB)} 0000ffff`, { rsv1: true, fin: false }));
  const message = (await next(ws)) as MessageStream;
  const whole = message.bytes();
  await turns(1);
  peer.socket.destroy();
  await expect(whole).rejects.toMatchObject({ code: 'ERR_WS_CUT_OFF' });
});

test('a peer that dies in the middle of message after message, again and again: the next one is served', async () => {
  const shared = compression({ idleReleaseMs: Infinity });
  const errors = uncaught();
  for (let i = 0; i < 100; i++) {
    const { ws, peer } = await facing({ ...OPTIONS, compression: shared });
    const { over } = lifeOf(ws.resume());
    ws.write(i % 2 === 0 ? LONG : [LONG]);
    await turns(i % 5);
    peer.socket.destroy();
    await over;
  }
  const { ws, peer } = await facing({ ...OPTIONS, compression: shared });
  ws.write(LONG);
  await peer.until(() => peer.frames.length === 1);
  expect(readMessages(peer.frames)[0]?.payload.equals(LONG)).toBe(true);
  peer.send(rsv1(1, compressed('and heard')));
  expect(await next(ws)).toBe('and heard');
  expect(errors).toEqual([]);
});
