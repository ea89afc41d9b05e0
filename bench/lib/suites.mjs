/**
 * The suites by name. A suite is a module with `title`, `contestants` and `run(pass, progress)`.
 */

/** @typedef {(pass: import('./passes.mjs').Pass, progress: (done: number, of: number, what: string) => void) => Promise<import('./compete.mjs').Figures>} Run */
/** @typedef {{ title: string, contestants: readonly { id: string, label: string }[], run: Run }} Suite */

export const SUITES = /** @type {const} */ ([
  'unmask',
  'codec',
  'echo',
  'client',
  'latency',
  'connect',
  'memory',
  'deflate',
  'broadcast',
  'http2',
  'allocator',
]);

/** @param {string} name @returns {Promise<Suite>} */
export function suite(name) {
  return import(new URL(`../suites/${name}.mjs`, import.meta.url).href);
}
