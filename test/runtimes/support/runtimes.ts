/**
 * The runtimes, and where npm has put their binaries.
 *
 * Knows: which suites each Node runs: sockets and the RFCs; the unit tests and what broke others, too, when
 * FRAMEPIPE_RUNTIMES=full asks for it.
 * Does not know: what the suites test.
 */
import { execFileSync } from 'node:child_process';
import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';

export const FOLDER = join(__dirname, '..');
export const ROOT = join(FOLDER, '../..');
const MODULES = join(FOLDER, 'node_modules');

const ALL = ['test/unit', 'test/conformance', 'test/sockets', 'test/security'] as const;
const { FRAMEPIPE_RUNTIMES } = process.env;
const isFull = FRAMEPIPE_RUNTIMES === 'full';
const SUITES = isFull ? ALL : ['test/conformance', 'test/sockets'];

/** Versions of Node, and which of our suites they run. */
export const NODES = [
  { name: 'Node 20', folder: 'node-20', suites: SUITES },
  { name: 'Node 22', folder: 'node-22', suites: SUITES },
  { name: 'Node 24', folder: 'node-24', suites: SUITES },
  { name: 'Node 26', folder: 'node-26', suites: SUITES },
] as const;

/** Runtimes that have no jest: programs/portable.mjs over the build. */
export const OTHERS = [
  { name: 'Bun', places: ['bun/bin/bun.exe', '@oven/bun-linux-x64/bin/bun'], flags: [] },
  { name: 'Deno', places: ['@deno/linux-x64-glibc/deno'], flags: ['run', '--allow-all', '--node-modules-dir=manual'] },
] as const;

/** The first of the places that holds a program. Throws where npm has no binary for this machine. */
export function binary(...places: readonly string[]): string {
  const found = places.map((place) => join(MODULES, place)).find(isProgram);
  if (found === undefined) throw new Error(`npm has brought none of ${places.join(', ')} for this machine.`);
  return found;
}

/** `v26.10.0` as `26.10.0`, and the same of runtimes that say more. */
export function versionOf(program: string): string {
  const said = execFileSync(program, ['--version'], { encoding: 'utf8' });
  return /\d+\.\d+\.\d+/.exec(said)?.[0] ?? said.trim();
}

/** Install scripts may not have run: then a small file stands where the binary would be. */
function isProgram(path: string): boolean {
  return existsSync(path) && statSync(path).size > 1_000_000;
}
