/**
 * Bugs that WebSocket codecs are known for, planted on purpose: `npm run test:planted`.
 *
 * Knows: what each of them looks like in our sources, and the test that has to notice it, by its whole name.
 * Does not know: all the other ways to break a line; run.mjs has Stryker try those.
 */
import { spawn } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

/** `from` stands exactly once in `source` and becomes `to`; then `test` of the file `by` must fail. */
const PLANTED = [
  {
    bug: 'extended length, off by one: 125 is accepted in 16 bits',
    source: 'src/codec/header.ts',
    from: 'size === 2 ? 126 : 65_536',
    to: 'size === 2 ? 125 : 65_536',
    by: 'test/unit/codec/header.test.ts',
    test: '125 in 16 bits: the byte that proves it',
  },
  {
    bug: 'extended length, off by one: read from the byte before',
    source: 'src/codec/header.ts',
    from: 'readLength(bytes, at + 2, lengthBytes',
    to: 'readLength(bytes, at + 1, lengthBytes',
    by: 'test/unit/codec/header.test.ts',
    test: '02 7e 0100 is read',
  },
  {
    bug: 'extended length, off by one: 65,536 is written in 16 bits',
    source: 'src/codec/header.ts',
    from: 'else if (length < 65_536)',
    to: 'else if (length <= 65_536)',
    by: 'test/unit/codec/frame-writer.test.ts',
    test: 'a server uses the shortest form of the length, and masks every frame or none',
  },
  {
    bug: 'the phase of the masking key is forgotten between chunks',
    source: 'src/codec/frame-parser.ts',
    from: 'this.#phase = (this.#phase + size) & 3;',
    to: 'this.#phase = 0;',
    by: 'test/unit/codec/frame-parser.test.ts',
    test:
      'unmask: copy the tutorial’s 129 131 61 84 35 6 112 16 109, read by a server, at every cut, ' +
      'with and without trailing bytes',
  },
  {
    bug: 'RSV1 is accepted on a continuation',
    source: 'src/codec/header.ts',
    from: '!(rules.rsv1 && (opcode === 1 || opcode === 2))',
    to: '!(rules.rsv1 && opcode <= 2)',
    by: 'test/unit/codec/header.test.ts',
    test: 'the first byte c0 with {"rsv1":true,"open":true}: ERR_WS_RESERVED_BIT at 0',
  },
  {
    bug: 'UTF-8: surrogates are accepted',
    source: 'src/codec/utf8.ts',
    from: 'byte === 0xed ? 0x2809f : 0x280bf',
    to: '0x280bf',
    by: 'test/unit/codec/utf8.test.ts',
    test: 'a surrogate fails at its first impossible byte',
  },
  {
    bug: 'UTF-8: what is above U+10FFFF is accepted',
    source: 'src/codec/utf8.ts',
    from: 'byte === 0xf4 ? 0x3808f : 0x380bf',
    to: '0x380bf',
    by: 'test/unit/codec/utf8.test.ts',
    test: 'above U+10FFFF fails at its first impossible byte',
  },
  {
    bug: 'UTF-8: a character that a slice cuts is forgotten',
    source: 'src/codec/utf8.ts',
    from: 'this.#state = state;\n    return -1;',
    to: 'return -1;',
    by: 'test/unit/codec/utf8.test.ts',
    test: 'a text may not end within a character, but may stop there',
  },
  {
    bug: 'the message limit counts each frame alone',
    source: 'src/codec/message-assembler.ts',
    from: 'this.#expected = this.heldBytes + length;',
    to: 'this.#expected = length;',
    by: 'test/unit/codec/message-assembler.test.ts',
    test: 'the limit counts all fragments together, and fails before a byte over it is kept',
  },
  {
    bug: 'a server accepts frames that are not masked',
    source: 'src/codec/header.ts',
    from: "masked !== (rules.role === 'server')",
    to: "masked && rules.role !== 'server'",
    by: 'test/unit/codec/header.test.ts',
    test: 'no mask bit from a client: the byte that proves it',
  },
  {
    bug: 'small frames in a row are taken while a fragmented message is open',
    source: 'src/codec/frame-parser.ts',
    from: '!this.#inFrame && !this.#messageOpen && this.#cutLength === 0',
    to: '!this.#inFrame && this.#cutLength === 0',
    by: 'test/unit/codec/frame-run.test.ts',
    test:
      'bytes that look like small frames in a row are none where no frame begins: in-place ' +
      'while a fragmented message is open, they are the wrong frames',
  },
  {
    bug: 'small frames in a row may have RSV1 that nobody agreed on',
    source: 'src/codec/frame-run.ts',
    from: '(reserved === RSV1 && rules.rsv1)',
    to: 'reserved === RSV1',
    by: 'test/unit/codec/frame-run.test.ts',
    test: 'where a run begins not at a frame with RSV1',
  },
];

const root = fileURLToPath(new URL('../../', import.meta.url));
const ONE_RUN_MS = 120_000;
const COPIED = ['src', 'test', 'package.json', 'tsconfig.json', 'jest.config.ts'];
const LEFT_OUT = ['node_modules', '.results', '.run'];

/** A copy of what the unit tests need, to be broken; the installed packages are linked. */
function copyOfRepository() {
  const copy = realpathSync(mkdtempSync(join(tmpdir(), 'framepipe-planted-')));
  const filter = (path) => !LEFT_OUT.includes(basename(path));
  for (const name of COPIED) cpSync(join(root, name), join(copy, name), { recursive: true, filter });
  symlinkSync(join(root, 'node_modules'), join(copy, 'node_modules'), 'junction');
  return copy;
}

const keyOf = (file, name) => `${file}: ${name}`;
const literally = (text) => text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&');

/** Runs the tests that these bugs name, in `copy`: 'passed' or 'failed' for each that ran, by file and name. */
async function statuses(copy, bugs, signal) {
  const report = join(copy, 'report.json');
  rmSync(report, { force: true });
  const pattern = `^(${bugs.map(({ test }) => literally(test)).join('|')})$`;
  const options = ['--json', '--outputFile', report, '--cacheDirectory', join(copy, '.jest'), '-t', pattern];
  const files = new Set(bugs.map(({ by }) => by));
  const said = await jest(copy, ['--runTestsByPath', ...files, ...options], signal);
  try {
    const { testResults } = JSON.parse(readFileSync(report, 'utf8'));
    const results = testResults.flatMap(({ name, assertionResults }) =>
      assertionResults.map(({ fullName, status }) => [keyOf(relative(copy, name), fullName), status]),
    );
    return new Map(results);
  } catch {
    throw new Error(`jest left no report:\n${said}`);
  }
}

/** Resolves with what jest wrote to stderr once it has ended, however that was. */
function jest(copy, args, signal) {
  return new Promise((resolve, reject) => {
    const program = join(root, 'node_modules/jest/bin/jest.js');
    const child = spawn(process.execPath, [program, ...args], {
      cwd: copy,
      stdio: ['ignore', 'ignore', 'pipe'],
      signal,
      timeout: ONE_RUN_MS,
    });
    let said = '';
    child.stderr.setEncoding('utf8').on('data', (text) => {
      said += text;
    });
    child.on('error', reject);
    child.on('close', () => resolve(said));
  });
}

/** Plants one bug, runs its test, takes the bug out again. True when the test failed. */
async function isCaught(copy, bug, signal) {
  const path = join(copy, bug.source);
  const sound = readFileSync(path, 'utf8');
  const found = sound.split(bug.from).length - 1;
  if (found !== 1) throw new Error(`${bug.source} has ${found} times, not once: ${bug.from}`);
  writeFileSync(
    path,
    sound.replace(bug.from, () => bug.to),
  );
  try {
    const status = await statuses(copy, [bug], signal);
    return status.get(keyOf(bug.by, bug.test)) === 'failed';
  } finally {
    writeFileSync(path, sound);
  }
}

async function main(copy, signal) {
  const sound = await statuses(copy, PLANTED, signal);
  const unsound = PLANTED.filter(({ by, test }) => sound.get(keyOf(by, test)) !== 'passed');
  for (const { by, test } of unsound) console.error(`without a bug, not passed: '${test}' of ${by}`);
  if (unsound.length > 0) return false;

  let missed = 0;
  for (const bug of PLANTED) {
    const caught = await isCaught(copy, bug, signal);
    if (!caught) missed++;
    console.log(`planted in ${bug.source}: ${bug.bug}, ${caught ? 'caught' : 'NOT CAUGHT'} by '${bug.test}'`);
  }
  console.log(`${PLANTED.length - missed} of ${PLANTED.length} planted bugs caught`);
  return missed === 0;
}

const stopping = new AbortController();
for (const name of ['SIGINT', 'SIGTERM']) process.once(name, () => stopping.abort());
const copy = copyOfRepository();
try {
  if (!(await main(copy, stopping.signal))) process.exitCode = 1;
} catch (error) {
  if (!stopping.signal.aborted) console.error(error);
  process.exitCode = 1;
} finally {
  rmSync(copy, { recursive: true, force: true });
}
