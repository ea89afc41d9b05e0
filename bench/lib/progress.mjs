/**
 * How far we are, on standard error: one line that changes on a terminal, a line a suite elsewhere.
 */

const WIDTH = 24;

/**
 * @param {string} suite
 * @param {NodeJS.WriteStream} [out]
 */
export function progressOf(suite, out = process.stderr) {
  const started = performance.now();
  const seconds = () => ((performance.now() - started) / 1_000).toFixed(0);
  const show = (/** @type {number} */ share, /** @type {string} */ text) => {
    const full = Math.round(share * WIDTH);
    const bar = '█'.repeat(full) + '░'.repeat(WIDTH - full);
    const columns = out.columns ?? 100;
    out.write(`\r\u001b[K${`${suite.padEnd(8)} ${bar} ${seconds()} s  ${text}`.slice(0, columns - 1)}`);
  };
  if (!out.isTTY) out.write(`${suite} …\n`);
  return {
    /** @type {(done: number, of: number, what: string) => void} */
    step: (done, of, what) => {
      if (out.isTTY) show(done / of, what);
    },
    done: () => {
      if (out.isTTY) show(1, 'done\n');
      else out.write(`${suite} done in ${seconds()} s\n`);
    },
  };
}
