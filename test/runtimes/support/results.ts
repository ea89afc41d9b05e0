/**
 * What has passed where, for docs/runtimes.md.
 *
 * Knows: one file with a row for each runtime that was run.
 * Does not know: how it is shown (scripts/docs-runtimes.mjs).
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { FOLDER } from './runtimes.js';

/** One runtime: what it ran, all of which has passed. */
export interface Row {
  readonly name: string;
  readonly version: string;
  readonly ran: readonly string[];
}

/** Leaves the rows behind. */
export function leave(rows: readonly Row[]): void {
  mkdirSync(join(FOLDER, '.results'), { recursive: true });
  writeFileSync(join(FOLDER, '.results/runtimes.json'), `${JSON.stringify(rows, null, 2)}\n`);
}
