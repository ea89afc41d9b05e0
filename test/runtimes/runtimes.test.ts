/**
 * Our own suites on every Node that we support, the same behaviour on Bun and Deno, and the codec on a page in Chromium.
 *
 * Knows: how to run each, and that a run without results is no success.
 * Does not know: what is in the suites.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium } from 'playwright-core';
import { leave, type Row } from './support/results.js';
import { binary, FOLDER, NODES, OTHERS, ROOT, versionOf } from './support/runtimes.js';

interface Check {
  readonly area: string;
  readonly name: string;
  readonly error: string | null;
}

interface Report {
  readonly success: boolean;
  readonly numPassedTests: number;
  readonly testResults: readonly { readonly status: string; readonly name: string; readonly message: string }[];
}

const rows: Row[] = [];
const scratch = mkdtempSync(join(tmpdir(), 'framepipe-runtimes-'));

afterAll(() => {
  leave(rows);
  rmSync(scratch, { recursive: true });
});

/** Runs a program to its end, in the repository, and answers with what it has printed. */
function run(program: string, args: readonly string[]): { status: number | null; out: string; err: string } {
  const env = { ...process.env, NODE_OPTIONS: '', NO_COLOR: '1' };
  const options = { cwd: ROOT, env, encoding: 'utf8', maxBuffer: 1 << 28 } as const;
  const { status, stdout, stderr } = spawnSync(program, args, options);
  return { status, out: stdout, err: stderr };
}

test.each(NODES)('$name: $suites', ({ name, folder, suites }) => {
  const program = binary(`${folder}/bin/node`);
  const outputFile = join(scratch, `${folder}.json`);
  const jest = join(ROOT, 'node_modules/jest/bin/jest.js');
  const { err } = run(program, [jest, '--maxWorkers=2', '--json', '--outputFile', outputFile, ...suites]);
  let report: Report;
  try {
    report = JSON.parse(readFileSync(outputFile, 'utf8'));
  } catch {
    throw new Error(`${name} has not come to the end of the suites:\n${err.slice(-4_000)}`);
  }
  const failed = report.testResults.filter(({ status }) => status === 'failed');
  expect(failed.map(({ name: file, message }) => `${file}\n${message}`)).toEqual([]);
  expect(report.success).toBe(true);
  expect(report.numPassedTests).toBeGreaterThan(100);
  rows.push({ name, version: versionOf(program), ran: suites });
});

test.each([{ name: 'Node', places: [], flags: [] }, ...OTHERS])('$name: the portable checks', (runtime) => {
  const program = runtime.places.length === 0 ? process.execPath : binary(...runtime.places);
  const { status, out, err } = run(program, [...runtime.flags, join(FOLDER, 'programs/portable.mjs')]);
  const lines = out
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Check & { done?: boolean });
  const checks = lines.filter(({ done }) => done !== true);
  expect(checks.filter(({ error }) => error !== null)).toEqual([]);
  expect({ isDone: lines.at(-1)?.done, status, err: status === 0 ? '' : err }).toEqual({
    isDone: true,
    status: 0,
    err: '',
  });
  expect(checks.length).toBeGreaterThan(20);
  const areas = [...new Set(checks.map(({ area }) => area))];
  if (runtime.name !== 'Node') rows.push({ name: runtime.name, version: versionOf(program), ran: areas });
});

test('Chromium: the codec without sockets, from a bundle', async () => {
  const outfile = join(scratch, 'page.js');
  const bundled = run(process.execPath, [join(FOLDER, 'programs/bundle-page.mjs'), outfile]);
  expect(bundled).toEqual({ status: 0, out: '', err: '' });
  const browser = await chromium.launch({
    executablePath: '/usr/bin/chromium',
    args: ['--no-sandbox', '--disable-gpu'],
  });
  try {
    const page = await browser.newPage();
    const complaints: string[] = [];
    page.on('pageerror', (error) => complaints.push(String(error)));
    await page.addScriptTag({ content: readFileSync(outfile, 'utf8'), type: 'module' });
    const results = await page.waitForFunction('window.results', undefined, { timeout: 30_000 });
    const checks = (await results.jsonValue()) as readonly Omit<Check, 'area'>[];
    expect(checks.filter(({ error }) => error !== null)).toEqual([]);
    expect(checks.length).toBeGreaterThan(10);
    expect(complaints).toEqual([]);
    rows.push({ name: 'Chromium', version: browser.version().split('.')[0] ?? '', ran: ['codec'] });
  } finally {
    await browser.close();
  }
});
