/**
 * What the suite has seen, for docs/interop.md.
 *
 * Knows: that one file of tests leaves one file in .results/, and only what has passed.
 * Does not know: how it is shown (scripts/docs-interop.mjs).
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const FOLDER = join(__dirname, '../.results');

/** One program in one role: in which columns everything passed, in which it cannot take part. */
export interface Row {
  readonly name: string;
  readonly from: string;
  readonly version: string;
  readonly role: string;
  /** Column → how many scenarios have passed; 0: its API cannot. */
  readonly passed: Readonly<Record<string, number>>;
  readonly notes: readonly string[];
}

/** Leaves the rows of one suite behind. */
export function leave(suite: string, rows: readonly Row[]): void {
  mkdirSync(FOLDER, { recursive: true });
  writeFileSync(join(FOLDER, `${suite}.json`), `${JSON.stringify(rows, null, 2)}\n`);
}
