/**
 * Asks @arethetypeswrong/core about a tarball and prints the problems as JSON.
 *
 * Knows: which verdicts are decisions of ours. `node10` is a resolution that ignores "exports", older than any Node we
 * support. `CJSResolvesToESM` says that require() meets an ES module, which is what Node has allowed since 20.19; this
 * suite calls require() to see that it works.
 * Does not know: the package.
 */
import { readFileSync } from 'node:fs';
import { checkPackage, createPackageFromTarballData } from '@arethetypeswrong/core';

const DECIDED = new Set(['CJSResolvesToESM']);

const analysis = await checkPackage(createPackageFromTarballData(readFileSync(process.argv[2])));
const problems = analysis.types === false ? [{ kind: 'NoTypes' }] : analysis.problems;
const open = problems.filter(({ kind, resolutionKind }) => !DECIDED.has(kind) && resolutionKind !== 'node10');
console.log(JSON.stringify(open));
