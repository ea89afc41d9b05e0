/**
 * bench:deflate, echo of JSON with permessage-deflate, and the memory that it costs.
 *
 * Knows: the settings. In `echo` all sides keep their contexts, once with ws's window and memory on both sides and once with
 * ours; Bun shares compressors and has settings of its own.
 * Does not know: how the load is made (load/deflate.mjs, load/idle.mjs). The engines alone: deflate-engines.mjs.
 */
import { memoryTurn } from '../lib/crowd.mjs';
import { frameOf, keyFor, OPCODE } from '../lib/frames.mjs';
import { compressed, jsonMessages } from '../lib/json-messages.mjs';
import { competeOnLoopback, echoTurn } from '../lib/network.mjs';
import { runnable, SERVERS } from '../lib/servers.mjs';

export const title = 'Compression';

const { framepipe, ws } = SERVERS;
const OFFER = 'permessage-deflate; client_max_window_bits';
const NEVER = 2 ** 31 - 1;
const KEPT = { idleReleaseMs: NEVER, maxContexts: NEVER };

/** @type {(server: import('../lib/servers.mjs').Server, id: string, label: string, deflate: unknown) => import('../lib/servers.mjs').Server} */
const compressing = (server, id, label, deflate) => {
  return { ...server, id, label, env: { ...server.env, DEFLATE: JSON.stringify(deflate) } };
};

const SAME = { serverMaxWindowBits: 15, clientMaxWindowBits: 15, level: 6, memLevel: 8, threshold: 0 };
const WS_SAME = { threshold: 0, zlibDeflateOptions: { level: 6, memLevel: 8 } };
const WS_OURS = { threshold: 64, serverMaxWindowBits: 13, zlibDeflateOptions: { level: 6, memLevel: 6 } };

const ECHO = runnable([
  compressing(framepipe, 'framepipe-same', "framepipe, ws's settings", SAME),
  compressing(ws, 'ws-same', 'ws', WS_SAME),
  compressing({ ...ws, env: { APP: 'text' } }, 'ws-text', 'ws, texts as strings', WS_SAME),
  compressing(framepipe, 'framepipe-default', 'framepipe, its defaults', true),
  compressing(ws, 'ws-ours', "ws, framepipe's settings", WS_OURS),
]);

const CROWD = runnable([
  compressing(framepipe, 'framepipe-default', 'framepipe, its defaults', true),
  compressing(framepipe, 'framepipe-none-kept', 'framepipe, no context takeover', {
    serverNoContextTakeover: true,
    clientNoContextTakeover: true,
  }),
  compressing(framepipe, 'framepipe-default-kept', 'framepipe, its defaults, every context kept', KEPT),
  compressing(framepipe, 'framepipe-all-kept', "framepipe, ws's settings, every context kept", { ...SAME, ...KEPT }),
  compressing(framepipe, 'framepipe-released', 'framepipe, released after 250 ms', { idleReleaseMs: 250 }),
  compressing(ws, 'ws-default', 'ws, its defaults', { threshold: 0 }),
  { ...framepipe, id: 'framepipe-plain', label: 'framepipe, uncompressed' },
  { ...ws, id: 'ws-plain', label: 'ws, uncompressed' },
]);

export const contestants = [...ECHO, ...CROWD.slice(1)];

/** The delay of the loop is looked at about 800 times a second: in one turn, the p99 is the sixth longest, and rolls dice. */
const TURNS_FOR_P99 = 3;

const SIZES = [128, 1_024, 65_536, 1_048_576];

/** @type {import('../lib/suites.mjs').Run} */
export async function run(pass, progress) {
  const sizes = pass.size === 0 ? [1_024] : SIZES;
  const cases = sizes.map((size) => {
    return { id: `json-${size}`, size, connections: size > 100_000 ? 2 : 16, inFlight: size > 10_000 ? 2 : 8 };
  });
  const echo = await competeOnLoopback({ contestants: ECHO, cases, pass, load: 'deflate', measure: turn, progress });
  return { ...echo, ...(await memory(pass, progress)) };

  /** @param {import('../lib/network.mjs').Pair} pair @param {object} one */
  async function turn(pair, one) {
    await pair.server.ask('watchDelay');
    const figures = await echoTurn(pair, one, { ...pass, turnMs: pass.turnMs * TURNS_FOR_P99 });
    const { p99Ms, maxMs } = await pair.server.ask('delay');
    return { ...figures, delayP99Ms: p99Ms, delayMaxMs: maxMs };
  }
}

/** One compressed exchange on each of many connections. @type {import('../lib/suites.mjs').Run} */
async function memory(pass, progress) {
  const connections = [50, 1_000, 2_000][pass.size] ?? 50;
  const messages = jsonMessages(1_024, 1);
  const [payload = Buffer.alloc(0)] = await compressed(messages);
  const wire = (/** @type {boolean} */ rsv1) =>
    frameOf({ opcode: OPCODE.text, payload: rsv1 ? payload : (messages[0] ?? payload), key: keyFor(1), rsv1 }).toString(
      'base64',
    );
  const one = { id: 'crowd', connections, settleMs: pass.size === 0 ? 150 : 1_500 };
  /** @type {(pair: import('../lib/network.mjs').Pair, crowd: typeof one) => Promise<import('../lib/compete.mjs').Measured>} */
  const measure = (pair, crowd) => {
    const extensions = pair.name.endsWith('-plain') ? {} : { extensions: OFFER };
    return memoryTurn(pair, { ...crowd, ...extensions, message: wire('extensions' in extensions) });
  };
  return competeOnLoopback({
    contestants: pass.size === 0 ? CROWD.slice(0, 2) : CROWD,
    cases: [one],
    pass,
    load: 'idle',
    measure,
    progress,
  });
}
