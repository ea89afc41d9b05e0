/**
 * bench:broadcast, one to many: 1 KiB of JSON to thousands of clients in one process, and what stalled ones cost.
 *
 * Knows: the workloads. `xN` says how many messages the source has in one turn of the event loop, `sustained` that it has
 * one in each turn for as long as it may write. With x1 each delivery is one call of the system for everybody, which takes
 * more time than all the rest: nobody who writes to sockets from Node can be much faster there.
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

/** Messages of a sustained feed before it waits until they have arrived. */
const SUSTAINED = 32;

/**
 * @typedef {import('../lib/said.mjs').Said & { id: string, connections: number, extensions?: string }} Feed
 * @typedef {{ burst: number | 'sustained', connections: number }} Shape
 */

/** @type {(type: 'text' | 'binary', shape: Shape) => Feed} */
function feed(type, { burst, connections }) {
  const said = { type, size: 1_024, connections };
  if (burst !== 'sustained') return { ...said, id: `${type}-1024-${connections}x${burst}`, burst };
  return { ...said, id: `${type}-1024-${connections}-sustained`, burst: SUSTAINED, inTurns: true };
}

/** The same as text that is compressed. @param {Shape} shape @returns {Feed} */
function compressedFeed(shape) {
  const { id, ...rest } = feed('text', shape);
  return { ...rest, id: id.replace('text', 'deflate'), extensions: OFFER };
}

/** The bursts of each pass: the longer ones take too long for a short one. */
const BURSTS = /** @type {const} */ ([
  [4, 'sustained'],
  [1, 'sustained'],
  [1, 16, 'sustained'],
]);

/** @type {import('../lib/suites.mjs').Run} */
export async function run(pass, progress) {
  const connections = pass.size === 0 ? 50 : 5_000;
  const shapes = BURSTS[pass.size].map((burst) => ({ burst, connections }));
  const plain = shapes.flatMap((shape) => [feed('binary', shape), feed('text', shape)]);
  if (pass.size > 0) plain.push(feed('binary', { burst: 1, connections: 10_000 }));
  if (pass.size === 2) plain.push(feed('binary', { burst: 'sustained', connections: 10_000 }));
  const compressed = shapes.map(compressedFeed);
  // Thousands of connections take their time, so a short pass has a round less.
  const rounds = pass.size === 1 ? pass.rounds - 1 : pass.rounds;
  const base = { pass: { ...pass, rounds }, load: 'listeners', progress };
  const turn = (/** @type {import('../lib/network.mjs').Pair} */ pair, /** @type {Feed} */ one) =>
    feedTurn(pair, one, pass);
  // 16 MiB to each: more than the system buffers for one that does not read.
  const listeners = pass.size === 0 ? 20 : 200;
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
  const { connections, extensions } = one;
  await load.ask('open', { port, connections, extensions });
  await everybodyIsIn(server, connections);
  let frames = 0;
  /** @type {number[]} */
  const spreads = [];
  const burst = async () => {
    frames += one.burst * connections;
    await load.ask('expect');
    await server.ask('say', one);
    spreads.push((await load.ask('until', { frames })).spreadMs);
  };
  // By now the shorter ones have been.
  if (!one.inTurns) await repeat(burst, warmMs);
  const [before, said] = [await server.ask('cpu'), frames];
  await server.ask('watchDelay');
  const seconds = (await repeat(burst, turnMs)) / 1_000;
  const { p99Ms, maxMs } = await server.ask('delay');
  const cpu = (await server.ask('cpu')) - before;
  const deliveries = frames - said;
  return {
    perSecond: deliveries / seconds,
    perCpuSecond: deliveries / (cpu / 1e6),
    serverUsPerDelivery: cpu / deliveries,
    spreadMs: Math.max(...spreads),
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
  return { rssBytes: growth / stalled, growthBytes: growth, limitBytes: LIMIT };
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
