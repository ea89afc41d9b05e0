/**
 * Runs benchmarks: `node bench/run.mjs all|<suite>… [--quick|--smoke]`, `node bench/run.mjs report`.
 *
 * Knows: the command line, and the order of things: measure, save, draw, report. A smoke pass runs each benchmark once,
 * says whether it works, and leaves nothing behind.
 * Does not know: any suite.
 */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { PASSES } from './lib/passes.mjs';
import { progressOf } from './lib/progress.mjs';
import { newest, RESULTS, resultOf, save } from './lib/results.mjs';
import { SUITES, suite } from './lib/suites.mjs';
import { drawCharts } from './report/charts.mjs';
import { summaryOf } from './report/summary.mjs';
import { reportOf } from './report/table.mjs';

const HERE = fileURLToPath(new URL('.', import.meta.url));
const USAGE = `Usage: node bench/run.mjs all|report|${SUITES.join('|')} [--quick|--smoke]`;

/** @param {readonly string[]} given */
function parse(given) {
  const flags = given.filter((word) => word.startsWith('--'));
  const words = given.filter((word) => !word.startsWith('--'));
  const names = words.includes('all') ? [...SUITES] : words;
  const known = (/** @type {string} */ name) => name === 'report' || SUITES.some((one) => one === name);
  const isLegal = flags.every((flag) => flag === '--quick' || flag === '--smoke');
  if (!isLegal || names.length === 0 || !names.every(known)) throw new Error(USAGE);
  const pass = flags.includes('--smoke') ? 'smoke' : flags.includes('--quick') ? 'quick' : 'full';
  return { names, pass: PASSES[pass] };
}

/** The peers are installed on first use. */
function install() {
  if (existsSync(join(HERE, 'node_modules', 'ws'))) return;
  console.error('Installing the peers, in bench/ only.');
  execFileSync('npm', ['ci', '--prefix', HERE], { stdio: ['ignore', 'ignore', 'inherit'] });
}

/** @param {string} name @param {import('./lib/passes.mjs').Pass} pass @param {string} folder */
async function measure(name, pass, folder) {
  const { title, contestants, run } = await suite(name);
  const progress = progressOf(name);
  const result = resultOf(name, pass.name, contestants, await run(pass, progress.step));
  progress.done();
  const file = save(result, folder);
  console.log(`${title} (${pass.name} pass, medians of ${pass.rounds})\n${summaryOf(result)}`);
  if (folder === RESULTS) console.log(`  bench/results/${file}`);
}

/** @param {string} folder */
async function report(folder) {
  const results = newest(folder);
  const text = reportOf(results);
  writeFileSync(join(folder, 'REPORT.md'), text);
  await drawCharts(results, folder);
  return text;
}

/** @param {readonly string[]} given */
async function main(given) {
  const { names, pass } = parse(given);
  install();
  const folder = pass.name === 'smoke' ? mkdtempSync(join(tmpdir(), 'framepipe-bench-')) : RESULTS;
  try {
    for (const name of names.filter((one) => one !== 'report')) await measure(name, pass, folder);
    const text = await report(folder);
    if (names.includes('report')) console.log(text);
  } finally {
    if (folder !== RESULTS) rmSync(folder, { recursive: true, force: true });
  }
}

try {
  await main(process.argv.slice(2));
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
