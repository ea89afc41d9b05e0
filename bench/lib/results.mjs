/**
 * Results on disk: `results/<machine>/<date>/<suite>.json`.
 *
 * Knows: what names a machine (CPU model, cores, Node), and what must not: a host, a user, a path.
 * Does not know: what the figures mean.
 */
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { availableParallelism, cpus, totalmem } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/**
 * @typedef {object} Result
 * @property {string} suite
 * @property {string} pass
 * @property {string} date ISO 8601.
 * @property {{ cpu: string, cores: number, memoryGiB: number, node: string, platform: string }} machine
 * @property {Record<string, string>} versions Of the peers.
 * @property {Record<string, string>} labels Of the contestants; the first one is the base.
 * @property {import('./compete.mjs').Figures} figures
 */

export const RESULTS = fileURLToPath(new URL('../results', import.meta.url));

const PEERS = ['ws', 'bufferutil', 'websocket-driver', 'websocket', 'undici', 'bun', 'tinybench'];
const DIGITS = 5;

/** @param {string} suite @param {string} pass @param {readonly { id: string, label: string }[]} contestants @param {import('./compete.mjs').Figures} figures @returns {Result} */
export function resultOf(suite, pass, contestants, figures) {
  return {
    suite,
    pass,
    date: new Date().toISOString(),
    machine: machine(),
    versions: versions(),
    labels: Object.fromEntries(contestants.map(({ id, label }) => [id, label])),
    figures,
  };
}

function machine() {
  return {
    cpu: cpus()[0]?.model.trim() ?? 'unknown',
    cores: availableParallelism(),
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    node: process.versions.node,
    platform: `${process.platform} ${process.arch}`,
  };
}

function versions() {
  const require = createRequire(import.meta.url);
  const found = PEERS.map((name) => {
    try {
      return [name, require(`${name}/package.json`).version];
    } catch {
      return [name, 'not installed'];
    }
  });
  return Object.fromEntries(found);
}

/** Writes a result, and returns its path below the folder. @param {Result} result @param {string} [folder] */
export function save(result, folder = RESULTS) {
  const { cpu, cores, node } = result.machine;
  const name = `${cpu} ${cores} cores node ${node}`.toLowerCase().replace(/[^a-z0-9.]+/g, '-');
  const place = join(name, result.date.slice(0, 10));
  mkdirSync(join(folder, place), { recursive: true });
  const file = join(place, `${result.suite}.json`);
  writeFileSync(join(folder, file), `${JSON.stringify(result, rounded, 1)}\n`);
  return file;
}

/** Five digits are more than we can measure. @param {string} _ @param {unknown} value */
function rounded(_, value) {
  return typeof value === 'number' && !Number.isInteger(value) ? Number(value.toPrecision(DIGITS)) : value;
}

/** The newest result of each suite, from the machine that measured last. @param {string} [folder] @returns {Map<string, Result>} */
export function newest(folder = RESULTS) {
  mkdirSync(folder, { recursive: true });
  const all = readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.json'))
    .map((name) => /** @type {Result} */ (JSON.parse(readFileSync(join(folder, name), 'utf8'))))
    .sort((one, other) => (one.date < other.date ? -1 : 1));
  const last = JSON.stringify(all.at(-1)?.machine);
  return new Map(
    all.filter(({ machine: its }) => JSON.stringify(its) === last).map((result) => [result.suite, result]),
  );
}
