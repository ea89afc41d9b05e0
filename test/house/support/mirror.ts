/**
 * The tests mirror the sources: src/a/b.ts is tested in test/unit/a/b.test.ts, and the reverse.
 *
 * Knows: which files need no test of their own, by a rule for each.
 * Does not know: how good a test is.
 */
import ts from 'typescript';
import type { Fault, Source } from './source.js';

/**
 * Folders and files whose tests are whole suites elsewhere, by how their paths begin: the demo is driven by test/browser,
 * the command line by test/cli, as a process.
 */
const TESTED_ELSEWHERE = ['src/demo/', 'src/cli/main.ts', 'src/cli/run/'] as const;

/** An oracle is what the kernel next door is tested against; it is tested by the same suite. */
const ORACLE = /-oracle\.ts$/;

/** True when nothing is left of the file at run time: interfaces and types only. */
function isTypesOnly(file: Source): boolean {
  return file.tree.statements.every(
    (statement) =>
      ts.isInterfaceDeclaration(statement) ||
      ts.isTypeAliasDeclaration(statement) ||
      ts.isImportDeclaration(statement) ||
      (ts.isExportDeclaration(statement) && statement.isTypeOnly),
  );
}

/** An index only re-exports. One that does more is an ordinary file. */
function isIndex(file: Source): boolean {
  return file.path.endsWith('/index.ts') && file.tree.statements.every(ts.isExportDeclaration);
}

/** Sources without a test, and unit tests without a source. */
export function mirrorFaults(sources: readonly Source[], tests: readonly string[]): Fault[] {
  const expected = new Map(
    sources.map((file) => [file.path.replace(/^src/, 'test/unit').replace(/\.ts$/, '.test.ts'), file]),
  );
  const untested = [...expected].filter(([test, file]) => !tests.includes(test) && !exempt(file));
  const orphans = tests.filter((test) => test.endsWith('.test.ts') && !expected.has(test));
  return [
    ...untested.map(([test, file]) => `${file.path} has no ${test}`),
    ...orphans.map((test) => `${test} mirrors no file of src`),
  ];
}

function exempt(file: Source): boolean {
  return (
    isIndex(file) ||
    isTypesOnly(file) ||
    ORACLE.test(file.path) ||
    TESTED_ELSEWHERE.some((path) => file.path.startsWith(path))
  );
}
