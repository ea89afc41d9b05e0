/**
 * bench:client, the echo the other way round: clients that send back what a server gives them, masked.
 *
 * Knows: the workloads and the clients.
 * Does not know: how the load is made (load/clients.mjs).
 */
import { fileURLToPath } from 'node:url';
import { Child } from '../lib/child.mjs';
import { compete } from '../lib/compete.mjs';

export const title = 'Clients';

export const contestants = [
  { id: 'framepipe', label: 'framepipe' },
  { id: 'ws', label: 'ws + bufferutil' },
  { id: 'undici', label: 'undici' },
  { id: 'websocket', label: 'websocket' },
];

const CLIENT = fileURLToPath(new URL('../clients/client.mjs', import.meta.url));
const LOAD = fileURLToPath(new URL('../load/clients.mjs', import.meta.url));

/** @type {(size: number, connections: number, inFlight: number) => { id: string, type: string, size: number, connections: number, inFlight: number }} */
function one(size, connections, inFlight) {
  return { id: `client-${size}-${connections}x${inFlight}`, type: 'binary', size, connections, inFlight };
}

const CASES = [one(125, 16, 16), one(16, 1, 256), one(1_024, 16, 16), one(65_536, 4, 4)];

/** @type {import('../lib/suites.mjs').Run} */
export function run(pass, progress) {
  return compete({
    contestants,
    cases: CASES.slice(0, pass.size === 0 ? 1 : CASES.length),
    rounds: pass.rounds,
    open: async ({ id }) => ({
      client: await Child.start({ name: `client ${id}`, args: [CLIENT, id] }),
      load: await Child.start({ name: `load on ${id}`, args: [LOAD] }),
    }),
    measure: async ({ client, load }, workload) => {
      const opened = load.ask('open', workload);
      await client.ask('connect', { port: load.ready.port, connections: workload.connections });
      await opened;
      await load.ask('run', { ms: pass.warmMs, isTimed: false });
      const before = await client.ask('cpu');
      const { messages, ...figures } = await load.ask('run', { ms: pass.turnMs, isTimed: true });
      const cpu = (await client.ask('cpu')) - before;
      await load.ask('close');
      return { ...figures, clientUsPerMessage: cpu / messages };
    },
    close: async ({ client, load }) => {
      await load.stop();
      await client.stop();
    },
    progress,
  });
}
