/**
 * bench:memory, bytes a connection: idle since the handshake, and idle after one small exchange.
 *
 * Knows: how many connections, and that each turn needs a server that nobody used before: one case, one process.
 * Does not know: how memory is read (servers/serve.mjs) or the connections made (load/idle.mjs).
 */
import { memoryTurn } from '../lib/crowd.mjs';
import { frameOf, keyFor, noise, OPCODE } from '../lib/frames.mjs';
import { competeOnLoopback } from '../lib/network.mjs';
import { runnable, SERVERS } from '../lib/servers.mjs';

export const title = 'Memory';

const { framepipe, listener, stages, ws, bun, raw } = SERVERS;

export const contestants = runnable([framepipe, listener, stages, ws, bun, raw].map(withoutEcho));

/** The bare socket echoes nothing. @param {import('../lib/servers.mjs').Server} server */
function withoutEcho(server) {
  return server.id === 'raw' ? { ...server, takes: (/** @type {{ message?: string }} */ one) => !one.message } : server;
}

const SIZE = 125;
const MESSAGE = frameOf({ opcode: OPCODE.binary, payload: noise(SIZE), key: keyFor(1) }).toString('base64');

/** @type {import('../lib/suites.mjs').Run} */
export async function run(pass, progress) {
  const connections = [100, 2_000, 5_000][pass.size] ?? 100;
  const cases = [
    { id: 'idle', connections },
    { id: 'after-one-exchange', connections, message: MESSAGE, replyBytes: SIZE + 2 },
  ];
  const plan = { contestants, pass, load: 'idle', measure: memoryTurn, progress };
  if (pass.size === 0) return competeOnLoopback({ ...plan, cases });
  /** @type {import('../lib/compete.mjs').Figures} */
  const figures = {};
  for (const one of cases) Object.assign(figures, await competeOnLoopback({ ...plan, cases: [one] }));
  return figures;
}
