/** Contexts that come and go between messages: the peer notices nothing (docs/adr/0005). */
import type { DeflateOptions } from '../../src/deflate/options.js';
import type { Compression } from '../../src/deflate/stream/compression.js';
import type { WebSocketDuplex } from '../../src/duplex/websocket-duplex.js';
import { AGREED, AGREED_NO_TAKEOVER, compression } from '../support/deflate.js';
import { turn } from '../support/streams.js';
import { both, facing, lifeOf, next } from '../support/web-sockets.js';

const text = (id: number) =>
  JSON.stringify({ id, user: `user ${id % 7}`, side: 'buy', tags: ['alpha', 'beta'], ok: true });

interface Pair {
  readonly client: WebSocketDuplex;
  readonly server: WebSocketDuplex;
}

/** Two ends that share contexts with all others of their side. */
function pairs(
  count: number,
  shared: { readonly client: Compression; readonly server: Compression },
  extensions = AGREED,
) {
  const end = (compressing: Compression) => ({ compression: compressing, agreement: { extensions } });
  return Promise.all(
    Array.from({ length: count }, async (): Promise<Pair> => {
      const pair = await both({ client: end(shared.client), server: end(shared.server) });
      pair.server.pipe(pair.server);
      return pair;
    }),
  );
}

async function echoes({ client }: Pair, message: string): Promise<void> {
  client.write(message);
  expect(await next(client)).toBe(message);
}

/** Waits for the timers of the pools, not for a time. */
async function untilReleased(...shared: readonly Compression[]): Promise<void> {
  while (shared.some(({ contexts }) => contexts.deflating + contexts.inflating > 0)) await turn();
}

const sharing = (options: DeflateOptions) => ({
  client: compression({ threshold: 0, ...options }),
  server: compression({ threshold: 0, ...options }),
});

test('released when idle, each time, and every message after that is right', async () => {
  const shared = sharing({ idleReleaseMs: 1 });
  const [one, two] = (await pairs(2, shared)) as [Pair, Pair];
  for (let round = 0; round < 5; round++) {
    for (let id = 0; id < 3; id++) {
      await echoes(one, text(round * 10 + id));
      await echoes(two, text(round * 10 + id + 5));
    }
    await untilReleased(shared.client, shared.server);
  }
});

test('the window of a decompressor outlives its context', async () => {
  const { client, server } = await both({
    client: { compression: compression({ threshold: 0, idleReleaseMs: Infinity }), agreement: { extensions: AGREED } },
    server: { compression: compression({ threshold: 0, idleReleaseMs: 1 }), agreement: { extensions: AGREED } },
  });
  const sizes: number[] = [];
  for (let id = 0; id < 4; id++) {
    const before = client.stats.bytesSent;
    client.write(text(1));
    expect(await next(server)).toBe(text(1));
    sizes.push(client.stats.bytesSent - before);
  }
  const [first = 0, ...others] = sizes;
  for (const size of others) expect(size).toBeLessThan(first / 3);
});

test('a long message leaves a window of 32 KiB, which is put back whole', async () => {
  const settings = { threshold: 0, idleReleaseMs: 1, serverMaxWindowBits: 15, clientMaxWindowBits: 15 };
  const reading = compression(settings);
  const { client, server } = await both({
    client: { compression: compression({ ...settings, idleReleaseMs: Infinity }), agreement: { extensions: AGREED } },
    server: { compression: reading, agreement: { extensions: AGREED } },
  });
  const words = Array.from({ length: 900 }, (_, id) => text(id * 7_919));
  const long = words.join('').slice(0, 32_000);
  for (let round = 0; round < 3; round++) {
    client.write(long);
    expect(await next(server)).toBe(long);
    client.write(long.slice(0, 300));
    expect(await next(server)).toBe(long.slice(0, 300));
    await untilReleased(reading);
  }
});

test.each([
  ['with takeover', AGREED],
  ['without', AGREED_NO_TAKEOVER as unknown as typeof AGREED],
])(
  'more connections than contexts, %s: every message is right, and no more contexts are kept',
  async (_, extensions) => {
    const shared = sharing({ maxContexts: 3, idleReleaseMs: Infinity });
    const all = await pairs(20, shared, extensions);
    for (let round = 0; round < 5; round++) {
      await Promise.all(all.map((pair, at) => echoes(pair, text(at * 100 + round))));
    }
    for (const { contexts } of [shared.client, shared.server]) {
      expect(contexts.deflating).toBeLessThanOrEqual(3);
      expect(contexts.inflating).toBeLessThanOrEqual(3);
    }
  },
);

test('messages in pieces on more connections than there are contexts: all at once, all right', async () => {
  const shared = sharing({ maxContexts: 2 });
  const all = await pairs(12, shared);
  const pieces = async function* (seed: number) {
    for (let id = 0; id < 20; id++) {
      await turn();
      yield text(seed + id);
    }
  };
  await Promise.all(
    all.map(async ({ client }, at) => {
      client.write(pieces(at));
      const whole = Array.from({ length: 20 }, (_, id) => text(at + id)).join('');
      expect(await next(client)).toBe(whole);
      await echoes(all[at] as Pair, text(at));
    }),
  );
});

test('without takeover whole messages of all connections are made by one context a side', async () => {
  const shared = sharing({});
  const all = await pairs(20, shared, AGREED_NO_TAKEOVER as unknown as typeof AGREED);
  await Promise.all(all.map((pair, at) => echoes(pair, text(at))));
  expect([shared.client.contexts, shared.server.contexts]).toEqual([
    { deflating: 1, inflating: 1 },
    { deflating: 1, inflating: 1 },
  ]);
});

test('a connection that ends gives its contexts back, however it ends', async () => {
  const shared = compression({ threshold: 0, maxContexts: 1, idleReleaseMs: Infinity });
  for (const ending of ['end', 'destroy', 'reset', 'garbage'] as const) {
    const { ws, peer } = await facing({ compression: shared, agreement: { extensions: AGREED } });
    ws.write(text(1));
    await peer.until(() => peer.frames.length === 1);
    peer.send(peer.frames[0] as (typeof peer.frames)[number]);
    expect(await next(ws)).toBe(text(1));
    const { over } = lifeOf(ws);
    ws.resume();
    if (ending === 'end') ws.end(() => {});
    if (ending === 'destroy') ws.destroy();
    if (ending === 'reset') peer.socket.destroy();
    if (ending === 'garbage') peer.send(Buffer.from('ff', 'hex'));
    if (ending === 'end') {
      await peer.closed();
      peer.sendClose(1000);
    }
    await over;
    expect(shared.contexts).toEqual({ deflating: 1, inflating: 1 });
  }
});
