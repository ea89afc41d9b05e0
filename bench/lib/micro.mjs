/**
 * A suite of micro benchmarks: each contestant in a process of its own.
 *
 * Knows: how to start worker.mjs for a contestant's module, with its environment, and that malloc is to keep memory: where a page
 * of fresh memory is dear, it would be all that one sees of large messages.
 * Does not know: the work.
 */
import { fileURLToPath } from 'node:url';
import { Child } from './child.mjs';
import { compete } from './compete.mjs';
import { KEEPS_MEMORY } from './malloc.mjs';

const WORKER = fileURLToPath(new URL('./worker.mjs', import.meta.url));

/** @typedef {import('./compete.mjs').Contestant & { module: string, env?: Record<string, string> }} MicroContestant */

/**
 * @param {readonly MicroContestant[]} contestants
 * @param {readonly import('./compete.mjs').Case[]} cases
 * @param {import('./passes.mjs').Pass} pass
 * @param {(done: number, of: number, what: string) => void} progress
 */
export function competeInWorkers(contestants, cases, pass, progress) {
  return compete({
    contestants,
    cases,
    rounds: pass.rounds,
    open: ({ id, module, env }) =>
      Child.start({ name: id, args: ['--expose-gc', WORKER, module], env: { ...KEEPS_MEMORY, ...env } }),
    measure: (child, one) => child.ask('measure', { one, times: pass }),
    close: (child) => child.stop(),
    progress,
  });
}
