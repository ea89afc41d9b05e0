/**
 * Mutation testing of src/codec, file by file: `npm run test:mutation [-- src/codec/header.ts …]`.
 *
 * Knows: which unit tests speak for which source; that a failed test, an error and a run without an end are what catches
 * a mutant; how a survivor is printed.
 * Does not know: how mutants are made (mutants.mjs), how tests are run (child.cjs), which survivors are equivalent
 * (README.md next to this file).
 */
import { spawn } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { mutantsOf } from './mutants.mjs';

const root = fileURLToPath(new URL('../../', import.meta.url));
const child = fileURLToPath(new URL('./child.cjs', import.meta.url));
/** Below node_modules, so that what a bundle leaves out is found. */
const work = join(root, 'node_modules/.cache', `mutation-${process.pid}`);

/** Tests that speak for a source besides its mirror in test/unit. */
const ALSO = {
  'src/codec/mask-oracle.ts': ['mask'],
  'src/codec/bytes.ts': ['frame-assembler'],
  'src/codec/byte-gatherer.ts': ['frame-assembler', 'message-assembler'],
  'src/codec/frame-parser.ts': ['frame-run', 'payload-memory'],
  'src/codec/frame-run.ts': ['frame-parser'],
  'src/codec/payload-memory.ts': ['frame-parser'],
};

/** A run that takes this much longer than the one without a mutant has no end. */
const TIMES_LONGER = 4;
const AND_MS = 5_000;

function sources() {
  const all = readdirSync(join(root, 'src/codec'), { recursive: true }).filter((path) => path.endsWith('.ts'));
  return all.map((path) => `src/codec/${path}`).sort();
}

function testsOf(source) {
  const mirror = source.replace(/^src/, 'test/unit').replace(/\.ts$/, '.test.ts');
  const also = (ALSO[source] ?? []).map((name) => `test/unit/codec/${name}.test.ts`);
  return source.endsWith('-oracle.ts') ? also : [mirror, ...also];
}

/** One file with the tests of `source` and all that they need, in which `source` says `text`. */
async function bundle(source, text, outfile) {
  const path = join(root, source);
  const onLoad = (file) => (file.path === path ? { contents: text, loader: 'ts' } : undefined);
  await build({
    stdin: {
      contents: testsOf(source)
        .map((test) => `import './${test}';`)
        .join('\n'),
      resolveDir: root,
    },
    outfile,
    bundle: true,
    platform: 'node',
    target: 'node20',
    packages: 'external',
    ignoreAnnotations: true,
    logLevel: 'error',
    plugins: [{ name: 'mutant', setup: ({ onLoad: on }) => on({ filter: /\.ts$/ }, onLoad) }],
  });
}

/** What caught the mutant: the name of a test, an error, 'time'; null when nothing did. */
function runTests(file, times, limitMs) {
  return new Promise((resolve) => {
    const tests = spawn(process.execPath, [child, file, times], { timeout: limitMs, killSignal: 'SIGKILL' });
    let said = '';
    const listen = (text) => {
      said += text;
    };
    tests.stdout.setEncoding('utf8').on('data', listen);
    tests.stderr.setEncoding('utf8').on('data', listen);
    tests.on('close', (code, signal) => resolve(code === 0 ? null : signal === 'SIGKILL' ? 'time' : said.trim()));
  });
}

const indented = (text) => text.replace(/\s*\n\s*/g, ' ');

async function mutate(source) {
  const text = readFileSync(join(root, source), 'utf8');
  const times = join(work, `${source.replaceAll('/', '-')}.json`);
  const attempt = async (id, changed, limitMs) => {
    const file = join(work, `${id}.cjs`);
    await bundle(source, changed, file);
    return runTests(file, times, limitMs);
  };

  let started = 0;
  for (const order of ['as they are written', 'the quick ones first']) {
    started = performance.now();
    const broken = await attempt('sound', text, 600_000);
    if (broken !== null) throw new Error(`${source}, no mutant, tests in order, ${order}: ${broken}`);
  }
  const limitMs = Math.ceil((performance.now() - started) * TIMES_LONGER) + AND_MS;

  const mutants = [...(await mutantsOf(source, text)).entries()];
  const verdicts = [];
  const next = mutants.values();
  const worker = async () => {
    for (const [at, mutant] of next) verdicts[at] = await attempt(at, mutant.text, limitMs);
  };
  await Promise.all(Array.from({ length: availableParallelism() }, worker));

  const late = verdicts.filter((verdict) => verdict === 'time').length;
  const alive = mutants.filter(([at]) => verdicts[at] === null);
  console.log(`${source}: ${mutants.length - alive.length} of ${mutants.length} caught, ${late} of them by time`);
  for (const [, { line, column, was, replacement }] of alive) {
    console.log(`  ${source}:${line}:${column}  ${indented(was)}  →  ${indented(replacement)}`);
  }
}

mkdirSync(work, { recursive: true });
try {
  const wanted = process.argv.slice(2);
  for (const source of wanted.length > 0 ? wanted : sources()) await mutate(source);
} finally {
  rmSync(work, { recursive: true, force: true });
}
