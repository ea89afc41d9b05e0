/**
 * bench:echo, messages a second through an echo server and back.
 *
 * Knows: the workloads. `text` is an ASCII string, `binary` bytes; the rows of the table that we must reach are binary.
 * Does not know: how the load is made (load/echo.mjs).
 */
import { competeOnLoopback, echoTurn } from '../lib/network.mjs';
import { runnable, SERVERS } from '../lib/servers.mjs';

export const title = 'Echo';

const { framepipe, listener, stages, stagesApp, ws, wsJs, bun, websocket, websocketDriver } = SERVERS;

export const contestants = runnable([
  framepipe,
  listener,
  stages,
  stagesApp,
  ws,
  wsJs,
  bun,
  websocket,
  websocketDriver,
]);

/** @type {(type: 'text' | 'binary', size: number, connections: number, inFlight: number) => import('../lib/compete.mjs').Case} */
function one(type, size, connections, inFlight) {
  return { id: `${type}-${size}-${connections}x${inFlight}`, type, size, connections, inFlight };
}

const SMOKE = [one('binary', 125, 4, 16)];
const REQUIRED = [
  one('binary', 16, 1, 256),
  one('binary', 125, 64, 16),
  one('binary', 1_024, 16, 16),
  one('binary', 16_384, 8, 4),
  one('binary', 1_000_000, 2, 1),
  one('binary', 16, 64, 1),
];
const TEXT = [one('text', 125, 64, 16), one('text', 1_024, 16, 16)];

/** @type {import('../lib/suites.mjs').Run} */
export function run(pass, progress) {
  const cases = pass.size === 0 ? SMOKE : [...REQUIRED, ...TEXT];
  const measure = (/** @type {import('../lib/network.mjs').Pair} */ pair, /** @type {object} */ workload) =>
    echoTurn(pair, workload, pass);
  return competeOnLoopback({ contestants, cases, pass, load: 'echo', measure, progress });
}
