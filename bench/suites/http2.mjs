/**
 * bench:http2, many WebSockets on one session: what one that is not read costs its neighbours, and what each takes in memory
 * compared with HTTP/1.1.
 *
 * Knows: the workloads. Both contestants of the first one have the same server and the same number of sockets.
 * Does not know: the servers (servers/http2.mjs), or how streams are made (load/http2.mjs).
 */
import { memoryTurn } from '../lib/crowd.mjs';
import { competeOnLoopback, echoTurn } from '../lib/network.mjs';
import { SERVERS } from '../lib/servers.mjs';

export const title = 'HTTP/2';

const NEIGHBOURS = [
  { id: 'all-read', label: 'all are read', program: 'http2' },
  { id: 'one-stopped', label: 'one is not', program: 'http2' },
];

const HTTP1 = { ...SERVERS.framepipe, id: 'http1', label: 'HTTP/1.1' };
const CROWDS = [
  HTTP1,
  { id: 'one-session', label: 'HTTP/2, one session for all', program: 'http2' },
  { id: 'session-each', label: 'HTTP/2, a session for each', program: 'http2' },
];

/** @type {Readonly<Record<string, string>>} */
const SESSIONS = { http1: 'none', 'one-session': 'one', 'session-each': 'each' };

export const contestants = [...NEIGHBOURS, ...CROWDS];

/** @type {import('../lib/suites.mjs').Run} */
export async function run(pass, progress) {
  const neighbours = pass.size === 0 ? 9 : 999;
  const cases = [1_024, 16_384].map((size) => {
    return { id: `neighbours-${size}-${neighbours}`, sessions: 'one', connections: neighbours, size };
  });
  const crowd = { id: 'idle', connections: pass.size === 0 ? 20 : 2_000 };
  const shared = { pass, load: 'http2', progress };
  return {
    ...(await competeOnLoopback({
      ...shared,
      contestants: NEIGHBOURS,
      cases: pass.size === 0 ? cases.slice(0, 1) : cases,
      measure: (pair, one) => echoTurn(pair, { ...one, isStopped: pair.name === 'one-stopped' }, pass),
    })),
    ...(await competeOnLoopback({
      ...shared,
      contestants: CROWDS,
      cases: [crowd],
      measure: (pair, one) => memoryTurn(pair, { ...one, sessions: SESSIONS[pair.name] }),
    })),
  };
}
