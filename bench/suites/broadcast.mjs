/**
 * bench:broadcast, one to many: 1 KiB of JSON to thousands of clients in one process, and what stalled ones cost.
 *
 * Knows: the workloads. `xN` says how many messages the source has in one turn of the event loop: 1 is a message now and
 * then, 16 a feed. With 1 each delivery is one call of the system for everybody, which takes more time than all the rest.
 * Does not know: the servers (servers/broadcast-*.mjs), or how frames are counted (load/listeners.mjs).
 */
import { competeOnLoopback } from '../lib/network.mjs';

export const title = 'Broadcast';

const OFFER = 'permessage-deflate; client_max_window_bits';
const LIMIT = 256 * 1024;
const SETTLE_MS = 300;

const framepipe = { id: 'framepipe', label: 'framepipe, Broadcast', program: 'broadcast-framepipe' };
const ws = { id: 'ws', label: "ws, its README's loop", program: 'broadcast-ws' };

/** Both with ws's window and effort: 15 bits, level 6, memory 8, everything compressed. */
const SAME = { serverMaxWindowBits: 15, level: 6, memLevel: 8, threshold: 0 };
const WS_SAME = { threshold: 0, zlibDeflateOptions: { level: 6, memLevel: 8 } };

const PLAIN = [framepipe, ws];
const DEFLATE = [
  { ...framepipe, id: 'framepipe-deflate', label: 'framepipe, compressed', env: { DEFLATE: JSON.stringify(SAME) } },
  { ...ws, id: 'ws-deflate', label: 'ws, compressed', env: { DEFLATE: JSON.stringify(WS_SAME) } },
];
const STALLED = [
  {
    ...framepipe,
    id: 'framepipe-drop-oldest',
    label: 'framepipe, drop-oldest at 256 KiB',
    env: { BROADCAST: JSON.stringify({ policy: 'drop-oldest', maxBufferedBytes: LIMIT }) },
  },
  ws,
];

export const contestants = [...PLAIN, ...DEFLATE, ...STALLED.slice(0, 1)];

/** @typedef {{ id: string, type: 'text' | 'binary', size: number, burst: number, connections: number, extensions?: string }} Feed */

/** @type {(type: 'text' | 'binary', burst: number, connections: number) => Feed} */
function feed(type, burst, connections) {
  return { id: `${type}-1024-${connections}x${burst}`, type, size: 1_024, burst, connections };
}

/** @type {import('../lib/suites.mjs').Run} */
export async function run(pass, progress) {
  const many = [50, 1_000, 5_000][pass.size] ?? 50;
  const plain =
    pass.size === 0
      ? [feed('binary', 4, many)]
      : [1, 16].flatMap((burst) => [feed('binary', burst, many), feed('text', burst, many)]);
  if (pass.size === 2) plain.push(feed('binary', 16, 10_000));
  const compressed = (pass.size === 0 ? [4] : [1, 16]).map((burst) => {
    return { ...feed('text', burst, many), id: `deflate-1024-${many}x${burst}`, extensions: OFFER };
  });
  const base = { pass, load: 'listeners', progress };
  const turn = (/** @type {import('../lib/network.mjs').Pair} */ pair, /** @type {Feed} */ one) =>
    feedTurn(pair, one, pass);
  // 16 MiB to each: more than the system buffers for one that does not read.
  const listeners = [20, 100, 200][pass.size] ?? 20;
  const stalled = { id: `stalled-${listeners}`, connections: listeners, messages: pass.size === 0 ? 64 : 4_096 };
  return {
    ...(await competeOnLoopback({ ...base, contestants: PLAIN, cases: plain, measure: turn })),
    ...(await competeOnLoopback({ ...base, contestants: DEFLATE, cases: compressed, measure: turn })),
    ...(await competeOnLoopback({ ...base, contestants: STALLED, cases: [stalled], measure: stalledTurn })),
  };
}

/**
 * One burst after the other, each when the one before has arrived everywhere.
 * @param {import('../lib/network.mjs').Pair} pair
 * @param {Feed} one
 * @param {import('../lib/passes.mjs').Pass} pass
 */
async function feedTurn({ server, load, port }, one, { warmMs, turnMs }) {
  await load.ask('open', { port, connections: one.connections, extensions: one.extensions });
  await everybodyIsIn(server, one.connections);
  let frames = 0;
  const burst = async () => {
    await server.ask('say', one);
    frames += one.burst * one.connections;
    await load.ask('until', { frames });
  };
  await repeat(burst, warmMs);
  const [before, said] = [await server.ask('cpu'), frames];
  await server.ask('watchDelay');
  const seconds = (await repeat(burst, turnMs)) / 1_000;
  const { p99Ms, maxMs } = await server.ask('delay');
  const cpu = (await server.ask('cpu')) - before;
  await load.ask('close');
  await everybodyIsIn(server, 0);
  const deliveries = frames - said;
  return {
    perSecond: deliveries / seconds,
    serverUsPerDelivery: cpu / deliveries,
    delayP99Ms: p99Ms,
    delayMaxMs: maxMs,
  };
}

/**
 * A tenth of the clients reads nothing while the others get 4 KiB messages: how much memory the server takes.
 * @param {import('../lib/network.mjs').Pair} pair
 * @param {{ connections: number, messages: number }} one
 */
async function stalledTurn({ server, load, port, name }, { connections, messages }) {
  const stalled = Math.ceil(connections / 10);
  const burst = { type: 'binary', size: 4_096, burst: 16 };
  await load.ask('open', { port, connections, stalled });
  await everybodyIsIn(server, connections);
  const before = await memoryOf(server);
  for (let sent = burst.burst; sent <= messages; sent += burst.burst) {
    await server.ask('say', burst);
    // Those that read have it all; the system buffers some for those that do not, which are not counted on.
    await load.ask('atLeast', { frames: sent * (connections - stalled) });
  }
  const after = await memoryOf(server);
  const growth = after.rss - before.rss;
  await load.ask('close');
  await everybodyIsIn(server, 0);
  if (name.startsWith('framepipe') && growth > stalled * LIMIT + 64 * 1024 * 1024) {
    throw new Error(`${name} took ${growth} bytes for ${stalled} stalled clients with a limit of ${LIMIT}`);
  }
  return { rssBytes: growth / stalled, limitBytes: LIMIT };
}

/** @param {() => Promise<void>} work @param {number} ms @returns {Promise<number>} Milliseconds that it took. */
async function repeat(work, ms) {
  const began = performance.now();
  do await work();
  while (performance.now() - began < ms);
  return performance.now() - began;
}

/** @param {import('../lib/child.mjs').Child} server @param {number} count */
async function everybodyIsIn(server, count) {
  while ((await server.ask('clients')) !== count) await new Promise((resolve) => setTimeout(resolve, 5));
}

/** @param {import('../lib/child.mjs').Child} server @returns {Promise<{ rss: number }>} */
async function memoryOf(server) {
  await new Promise((resolve) => setTimeout(resolve, SETTLE_MS));
  return server.ask('memory');
}
