/**
 * bench:connect, connections a second: TCP connect, upgrade, closing handshake.
 *
 * Knows: how many are under way at once; that `loadBusy` near 1 means that the load, not the server, was the limit, and
 * then `serverUsPerHandshake` is the figure to look at.
 * Does not know: how the load is made (load/connect.mjs).
 */
import { competeOnLoopback } from '../lib/network.mjs';
import { runnable, SERVERS } from '../lib/servers.mjs';

export const title = 'Connections';

const { framepipe, listener, stages, ws, bun, raw } = SERVERS;

export const contestants = runnable([framepipe, listener, stages, ws, bun, raw]);

/** A handshake runs much code once. Most of a server's handshakes find it compiled, so all of them do here. */
const FIRST_WARM_UPS = 10;

/** @type {import('../lib/suites.mjs').Run} */
export function run(pass, progress) {
  const cases = [{ id: 'handshake-32', parallel: 32 }];
  const warm = new WeakSet();
  /** @type {(pair: import('../lib/network.mjs').Pair, one: object) => Promise<import('../lib/compete.mjs').Measured>} */
  const measure = async ({ server, load, port }, one) => {
    const times = warm.has(server) ? 1 : FIRST_WARM_UPS;
    warm.add(server);
    await load.ask('run', { port, ms: pass.warmMs * times, ...one });
    const before = await server.ask('cpu');
    const { count, ...figures } = await load.ask('run', { port, ms: pass.turnMs, ...one });
    const cpu = (await server.ask('cpu')) - before;
    return { ...figures, serverUsPerHandshake: cpu / count };
  };
  return competeOnLoopback({ contestants, cases, pass, load: 'connect', measure, progress });
}
