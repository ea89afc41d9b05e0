/**
 * What must not be in a file that is committed: the path of somebody's machine, the host of a registry, a lint rule
 * switched off, a slow global.
 *
 * Knows: what those look like in text.
 * Does not know: what the file is for.
 */
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Fault, ROOT } from './source.js';

export interface TextFile {
  readonly path: string;
  readonly text: string;
}

/** An absolute path into a home or work folder, or a Windows profile. */
const MACHINE_PATH = /(?<![\w.~)\]}])\/(?:home|root|Users|work|workspace|mnt)\/[\w.-]|\b[A-Z]:\\Users\\/;

/** A host that serves packages: `registry.…`, or an artifact store. */
const REGISTRY_HOST = /\bregistry\.[\w-]+\.\w|\b(?:artifactory|verdaccio|nexus)\.[\w-]+/i;

/** Rules that the house does not bend; biome enforces them, so switching one off is the only way around. */
const UNBENDABLE = /biome-ignore(?:-all|-start)?\s+lint\/\S*(?:noExplicitAny|noNonNullAssertion|noDefaultExport)/;

/** Every file that git tracks and that holds text. Needs git, as a clone has it. */
export function trackedFiles(): TextFile[] {
  const listed = execFileSync('git', ['ls-files', '-z'], { cwd: ROOT, encoding: 'utf8' }).split('\0');
  const present = listed.filter((path) => path !== '' && existsSync(join(ROOT, path)));
  const files = present.map((path) => ({ path, text: readFileSync(join(ROOT, path), 'utf8') }));
  return files.filter(({ text }) => !text.includes('\0'));
}

/** Lines that name a machine or a registry. */
export function leakFaults(files: readonly TextFile[]): Fault[] {
  return [
    ...linesLike(files, MACHINE_PATH, 'names a path of one machine'),
    ...linesLike(files, REGISTRY_HOST, 'names the host of a registry'),
  ];
}

/** Lines of TypeScript that switch off a rule which has no exceptions. */
export function bentRuleFaults(files: readonly TextFile[]): Fault[] {
  return linesLike(files, UNBENDABLE, 'switches off a rule that has no exceptions');
}

/** `Buffer` as a value: the global one is a getter, 7 ns each time, and code that is called for every frame is anywhere. */
const BUFFER_AS_VALUE = /\bBuffer\.\w|\binstanceof Buffer\b/;
const BUFFER_IMPORT = /^import \{ Buffer\b.* from 'node:buffer';$/m;

/** Lines of the sources that use the global `Buffer`. */
export function globalBufferFaults(files: readonly TextFile[]): Fault[] {
  const sources = files.filter(({ path, text }) => /^src\/.*\.ts$/.test(path) && !BUFFER_IMPORT.test(text));
  return linesLike(sources, BUFFER_AS_VALUE, 'uses the global Buffer');
}

function linesLike(files: readonly TextFile[], pattern: RegExp, says: string): Fault[] {
  return files.flatMap(({ path, text }) => {
    const lines = text.split('\n');
    return lines.flatMap((line, at) => (pattern.test(line) ? [`${path}:${at + 1} ${says}`] : []));
  });
}
