/**
 * Mutation testing of src/codec, file by file: `npm run test:mutation [-- src/codec/header.ts …]`.
 *
 * Knows: which unit tests speak for which source, where results go (`reports/`, one for each source, so that a run that is
 * broken off has not been for nothing), how a survivor is printed.
 * Does not know: which survivors are equivalent; README.md next to this file does.
 */
import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../', import.meta.url));
const reports = fileURLToPath(new URL('./reports/', import.meta.url));

/** Tests that speak for a source besides its mirror in test/unit. */
const ALSO = {
  'src/codec/mask-oracle.ts': ['mask'],
  'src/codec/bytes.ts': ['frame-assembler'],
  'src/codec/frame-parser.ts': ['frame-part'],
};

/** The sources that have run-time code. */
function sources() {
  const all = readdirSync(join(root, 'src/codec'), { recursive: true }).filter((path) => path.endsWith('.ts'));
  return all.map((path) => `src/codec/${path}`).sort();
}

function testsOf(source) {
  const mirror = source.replace(/^src/, 'test/unit').replace(/\.ts$/, '.test.ts');
  const also = (ALSO[source] ?? []).map((name) => `test/unit/codec/${name}.test.ts`);
  return source.endsWith('-oracle.ts') ? also : [mirror, ...also];
}

function configFor(source) {
  const name = basename(source, '.ts');
  return {
    testRunner: 'jest',
    jest: {
      config: {
        preset: './test/preset/jest-preset.json',
        setupFiles: ['<rootDir>/test/mutation/setup.cjs'],
        testMatch: testsOf(source).map((path) => `**/${path}`),
      },
      enableFindRelatedTests: false,
    },
    mutate: [source],
    coverageAnalysis: 'perTest',
    concurrency: 1,
    timeoutMS: 3_000,
    disableTypeChecks: false,
    ignorePatterns: ['bench', 'docs', 'examples', 'dist', 'coverage', 'test/mutation/reports'],
    tempDirName: '.stryker-tmp',
    reporters: ['json'],
    jsonReporter: { fileName: `test/mutation/reports/${name}.json` },
  };
}

/** Mutants by status, and the lines of those that nobody noticed. */
function summary(source) {
  const { files } = JSON.parse(readFileSync(join(reports, `${basename(source, '.ts')}.json`), 'utf8'));
  const mutants = Object.values(files).flatMap((file) =>
    file.mutants.map((mutant) => ({ ...mutant, text: file.source })),
  );
  const caught = mutants.filter(({ status }) => status === 'Killed' || status === 'Timeout');
  const lines = mutants
    .filter(({ status }) => status === 'Survived' || status === 'NoCoverage')
    .map(({ status, location, replacement, text }) => {
      const line = text.split('\n')[location.start.line - 1].trim();
      return `  ${source}:${location.start.line}:${location.start.column} ${status}: ${line}  →  ${replacement}`;
    });
  return `${source}: ${caught.length} of ${mutants.length} caught\n${lines.join('\n')}`;
}

mkdirSync(reports, { recursive: true });
const wanted = process.argv.slice(2);
for (const source of wanted.length > 0 ? wanted : sources()) {
  const config = join(reports, `${basename(source, '.ts')}.config.json`);
  writeFileSync(config, JSON.stringify(configFor(source)));
  const stryker = join(root, 'test/mutation/node_modules/.bin/stryker');
  const { status, stdout, stderr } = spawnSync(stryker, ['run', config], { cwd: root, encoding: 'utf8' });
  if (status === 0) console.log(summary(source));
  else console.error(`${source}: Stryker failed\n${stdout}${stderr}`);
  if (status !== 0) process.exitCode = 1;
}
