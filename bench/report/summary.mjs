/**
 * A suite's figures on the terminal: a line a case, the medians of all contestants.
 */
import { AGAIN } from '../lib/compete.mjs';
import { median, noiseFloor } from '../lib/statistics.mjs';

/** The first of these that a case has is shown. @type {readonly [string, (value: number) => string][]} */
const SHOWN = [
  ['heapBytes', (value) => `${(value / 1_024).toFixed(1)} KiB heap`],
  ['nsPerOperation', (value) => (value < 100_000 ? `${value.toFixed(1)} ns` : `${(value / 1e6).toFixed(2)} ms`)],
  ['perSecond', (value) => `${value < 10_000 ? value.toFixed(0) : `${(value / 1_000).toFixed(0)} k`}/s`],
  ['rssBytes', (value) => `${(value / 1_024).toFixed(1)} KiB RSS`],
];

/** @param {import('../lib/results.mjs').Result} result */
export function summaryOf({ figures, labels }) {
  const lines = Object.entries(figures).map(([id, byContestant]) => {
    const [base = '', first] = Object.entries(byContestant)[0] ?? [];
    const [metric, show] = SHOWN.find(([name]) => first?.[0]?.[name] !== undefined) ?? ['perSecond', String];
    const values = (/** @type {string} */ key) => (byContestant[key] ?? []).map((turn) => turn[metric] ?? Number.NaN);
    const shown = Object.keys(byContestant)
      .filter((key) => !key.endsWith(AGAIN))
      .map((key) => `${labels[key] ?? key} ${show(median(values(key)))}`);
    const noise = noiseFloor(values(base), values(base + AGAIN)) * 100;
    return `  ${id}: ${shown.join(', ')}${tail(byContestant, labels)} (noise ${noise.toFixed(1)} %)`;
  });
  return lines.join('\n');
}

/** Round trips, where they were timed. @param {Record<string, import('../lib/compete.mjs').Measured[]>} byContestant @param {Record<string, string>} labels */
function tail(byContestant, labels) {
  const timed = Object.entries(byContestant).filter(([key, turns]) => key in labels && turns[0]?.p99Us !== undefined);
  const shown = timed.map(([key, turns]) => `${labels[key]} ${median(turns.map(({ p99Us = 0 }) => p99Us)).toFixed(0)}`);
  return shown.length === 0 ? '' : `; p99 in µs: ${shown.join(', ')}`;
}
