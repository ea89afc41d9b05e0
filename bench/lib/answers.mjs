/**
 * The answering side of child.mjs: questions come in on standard input, answers leave on standard output.
 *
 * Knows: that the end of the input is the end of the process.
 * Does not know: what is asked. Nothing else may write to standard output.
 */
import { createInterface } from 'node:readline';

/**
 * Says that we are ready, then answers one question after another.
 * @param {Record<string, (argument: any) => unknown>} methods
 * @param {Record<string, unknown>} [ready] What the parent should know first.
 */
export function answer(methods, ready = {}) {
  const say = (/** @type {object} */ line) => process.stdout.write(`${JSON.stringify(line)}\n`);
  const lines = createInterface({ input: process.stdin });
  lines.on('line', async (line) => {
    const { method, argument } = JSON.parse(line);
    try {
      say({ value: (await methods[method]?.(argument)) ?? null });
    } catch (error) {
      say({ error: error instanceof Error ? error.message : String(error) });
    }
  });
  lines.on('close', () => process.exit());
  say({ ready });
}
