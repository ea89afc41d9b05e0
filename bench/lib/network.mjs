/**
 * A suite over loopback: each server in a process of its own, its load in another one.
 *
 * Knows: which processes belong together, and how a turn of echo goes.
 * Does not know: the servers' programs (servers.mjs) or the load's (bench/load).
 */
import { fileURLToPath } from 'node:url';
import { Child } from './child.mjs';
import { compete } from './compete.mjs';
import { startServer } from './servers.mjs';

/** @typedef {{ name: string, server: Child, load: Child, port: number }} Pair */

/**
 * @param {object} plan
 * @param {readonly import('./servers.mjs').Server[]} plan.contestants
 * @param {readonly import('./compete.mjs').Case[]} plan.cases
 * @param {import('./passes.mjs').Pass} plan.pass
 * @param {string} plan.load The program that makes the load.
 * @param {(pair: Pair, one: any) => Promise<import('./compete.mjs').Measured>} plan.measure
 * @param {(done: number, of: number, what: string) => void} plan.progress
 */
export function competeOnLoopback({ contestants, cases, pass, load, measure, progress }) {
  const program = fileURLToPath(new URL(`../load/${load}.mjs`, import.meta.url));
  return compete({
    contestants,
    cases,
    rounds: pass.rounds,
    open: async (contestant) => {
      const server = await startServer(contestant);
      return {
        name: contestant.id,
        server,
        load: await Child.start({ name: `load on ${contestant.id}`, args: [program] }),
        port: server.ready.port,
      };
    },
    measure,
    close: async ({ server, load: child }) => {
      await child.stop();
      await server.stop();
    },
    progress,
  });
}

/**
 * One turn of echo: open, warm up, count, close. Rates, and what a message costs the server in CPU time.
 * @param {Pair} pair
 * @param {object} one
 * @param {import('./passes.mjs').Pass} pass
 */
export async function echoTurn({ server, load, port }, one, { warmMs, turnMs }) {
  await load.ask('open', { port, ...one });
  await load.ask('run', { ms: warmMs, isTimed: false });
  const before = await server.ask('cpu');
  const run = await load.ask('run', { ms: turnMs, isTimed: true });
  const cpu = (await server.ask('cpu')) - before;
  await load.ask('close');
  const { messages, ...figures } = run;
  return { ...figures, serverUsPerMessage: cpu / messages, serverBusy: (cpu / messages / 1e6) * run.perSecond };
}
