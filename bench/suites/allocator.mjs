/**
 * bench:allocator, echo of large messages where malloc keeps what is freed, and where it gives that back.
 *
 * Knows: the workloads.
 * Does not know: what a page of fresh memory costs here; that is what the difference shows.
 */
import { GIVES_BACK, KEEPS_MEMORY } from '../lib/malloc.mjs';
import { competeOnLoopback, echoTurn } from '../lib/network.mjs';
import { runnable, SERVERS } from '../lib/servers.mjs';

export const title = 'Allocator';

/** @type {(server: import('../lib/servers.mjs').Server) => import('../lib/servers.mjs').Server} */
const keeping = (server) => ({
  ...server,
  id: `${server.id}-keeping`,
  label: `${server.label}, malloc keeps memory`,
  env: { ...server.env, ...KEEPS_MEMORY },
});

/** @type {(server: import('../lib/servers.mjs').Server) => import('../lib/servers.mjs').Server} */
const givingBack = (server) => ({
  ...server,
  id: `${server.id}-giving-back`,
  label: `${server.label}, malloc gives memory back`,
  env: { ...server.env, ...GIVES_BACK },
});

// What is piped takes no memory: a listener does.
const { listener, ws } = SERVERS;

export const contestants = runnable([listener, givingBack(listener), ws, keeping(ws)]);

const CASES = [
  { size: 1_024, connections: 16, inFlight: 16 },
  { size: 16_384, connections: 8, inFlight: 4 },
  { size: 65_536, connections: 4, inFlight: 4 },
  { size: 1_000_000, connections: 2, inFlight: 1 },
].map((load) => ({ id: `binary-${load.size}-${load.connections}x${load.inFlight}`, type: 'binary', ...load }));

/** @type {import('../lib/suites.mjs').Run} */
export function run(pass, progress) {
  const cases = pass.size === 0 ? CASES.slice(0, 1) : CASES;
  const measure = (/** @type {import('../lib/network.mjs').Pair} */ pair, /** @type {object} */ workload) =>
    echoTurn(pair, workload, pass);
  return competeOnLoopback({ contestants, cases, pass, load: 'echo', measure, progress });
}
