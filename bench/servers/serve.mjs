/**
 * What every echo server of the benchmarks has besides echoing: it says its port, and what it costs.
 *
 * Knows: CPU time, memory after garbage collection, the delay of the event loop. Runs on Node and on Bun.
 * Does not know: WebSockets.
 */
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { answer } from '../lib/answers.mjs';

const COLLECTIONS = 3;
const SETTLE_MS = 20;

/**
 * @param {number} port
 * @param {Record<string, (argument: any) => unknown>} [more] What this server answers besides.
 */
export function serve(port, more = {}) {
  const delay = monitorEventLoopDelay?.({ resolution: 1 });
  answer(
    {
      /** CPU time so far, user and system, in microseconds. */
      cpu: () => {
        const { user, system } = process.cpuUsage();
        return user + system;
      },
      memory: async () => {
        await collect();
        const { heapUsed, rss, external } = process.memoryUsage();
        return { heapUsed, rss, external };
      },
      watchDelay: () => {
        delay?.enable();
        delay?.reset();
      },
      /** Since `watchDelay`, in milliseconds. */
      delay: () => {
        delay?.disable();
        return { p99Ms: (delay?.percentile(99) ?? 0) / 1e6, maxMs: (delay?.max ?? 0) / 1e6 };
      },
      ...more,
    },
    { port },
  );
}

async function collect() {
  const { gc, Bun } = /** @type {any} */ (globalThis);
  for (let time = 0; time < COLLECTIONS; time++) {
    if (Bun !== undefined) Bun.gc(true);
    else gc?.();
    await new Promise((resolve) => setTimeout(resolve, SETTLE_MS));
  }
}

/**
 * Listens on a free port of 127.0.0.1, then serves.
 * @param {{ listen: (port: number, host: string, done: () => void) => unknown, address: () => any }} server
 */
export function listenAndServe(server) {
  server.listen(0, '127.0.0.1', () => serve(server.address().port));
}
