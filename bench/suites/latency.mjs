/**
 * bench:latency, the round trip of small messages, one in flight on each connection.
 *
 * Knows: the workloads. With 64 connections the server is busy all the time, so a round trip is mostly waiting in line:
 * the figure is what a user of a busy server sees. With 1 it is the bare cost of a message.
 * Does not know: how the load is made (load/echo.mjs).
 */
import { competeOnLoopback, echoTurn } from '../lib/network.mjs';
import { runnable, SERVERS } from '../lib/servers.mjs';

export const title = 'Latency';

const { framepipe, listener, stages, ws, bun } = SERVERS;

export const contestants = runnable([framepipe, listener, stages, ws, bun]);

const CONNECTIONS = [64, 1];

/** @type {import('../lib/suites.mjs').Run} */
export function run(pass, progress) {
  const cases = CONNECTIONS.slice(0, pass.size === 0 ? 1 : 2).map((connections) => {
    return { id: `round-trip-16-${connections}`, type: 'binary', size: 16, connections, inFlight: 1 };
  });
  const measure = (/** @type {import('../lib/network.mjs').Pair} */ pair, /** @type {object} */ workload) =>
    echoTurn(pair, workload, pass);
  return competeOnLoopback({ contestants, cases, pass, load: 'echo', measure, progress });
}
