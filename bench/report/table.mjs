/**
 * The rows, answered from results.
 *
 * Knows: ratio, spread, noise floor, and what may be said: no difference is claimed under three times the noise.
 * Does not know: the rows (rows.mjs).
 */
import { AGAIN } from '../lib/compete.mjs';
import { CLAIM, noiseFloor, ratio } from '../lib/statistics.mjs';
import { ROWS } from './rows.mjs';

/** @typedef {import('../lib/results.mjs').Result} Result */

/** The whole report as Markdown. @param {Map<string, Result>} results */
export function reportOf(results) {
  const lines = ROWS.map((row) => `| ${cellsOf(row, results.get(row.suite)).join(' | ')} |`);
  return [
    '# What was promised, and what was measured',
    '',
    '`npm run bench:report` writes this page from the newest results. A ratio is framepipe to the other, of the same round;',
    'its median over the rounds ± half the distance of their quartiles. The noise floor is what framepipe against itself',
    `gives in the same run. A difference under ${CLAIM} times the noise is none; then the answer says so.`,
    '',
    ...[...results.values()].map(heading),
    '',
    '| what | against | must be | measured | noise | reached |',
    '| --- | --- | --- | --- | --- | --- |',
    ...lines,
    '',
  ].join('\n');
}

/** @param {Result} result */
function heading({ suite, pass, date, machine }) {
  const { cpu, cores, node } = machine;
  return `- ${suite}: ${pass} pass, ${date.slice(0, 10)}, ${cpu}, ${cores} cores, Node ${node}`;
}

/** @param {import('./rows.mjs').Row} row @param {Result | undefined} result */
function cellsOf(row, result) {
  const sign = row.sense === 'at least' ? '≥' : '≤';
  const must = row.required === null ? '–' : `${sign} ${row.required}`;
  const head = [row.what, row.against, must];
  const ours = valuesOf(result, row.ours, row.metric);
  const theirs = valuesOf(result, row.theirs, row.metric);
  if (ours.length === 0 || theirs.length === 0) return [...head, 'not measured', '', ''];
  const measured = ratio(ours, theirs);
  const noise = noiseOf(result, row);
  const figure = `${measured.median.toFixed(2)} ± ${measured.spread.toFixed(2)}`;
  return [...head, figure, `${(noise * 100).toFixed(1)} %`, verdict(row, measured.median, noise)];
}

/** @param {Result | undefined} result @param {import('./rows.mjs').Side} side @param {string} metric */
function valuesOf(result, side, metric) {
  const turns = result?.figures[side.case]?.[side.contestant] ?? [];
  return turns.map((turn) => turn[metric] ?? Number.NaN).filter((value) => Number.isFinite(value));
}

/** @param {Result | undefined} result @param {import('./rows.mjs').Row} row */
function noiseOf(result, { ours, metric }) {
  const [base = ''] = Object.keys(result?.figures[ours.case] ?? {});
  const again = valuesOf(result, { case: ours.case, contestant: base + AGAIN }, metric);
  return noiseFloor(valuesOf(result, { case: ours.case, contestant: base }, metric), again);
}

/** @param {import('./rows.mjs').Row} row @param {number} measured @param {number} noise */
export function verdict({ sense, required }, measured, noise) {
  const isDifferent = Math.abs(measured - 1) >= CLAIM * noise;
  if (required === null) return isDifferent ? '–' : 'no difference';
  const isReached = sense === 'at least' ? measured >= required : measured <= required;
  const isClose = Math.abs(measured / required - 1) < noise;
  return `${isReached ? 'yes' : '**no**'}${isClose ? ', within the noise' : isDifferent ? '' : ', no difference'}`;
}
