/**
 * The first five minutes: a fresh folder, `npm install` of the tarball, and each example of the front page copied and run,
 * in JavaScript and TypeScript, as an ES module and as CommonJS.
 *
 * Knows: what an example has to show. Does not know: the sources, nor the pages behind the first one (test/docs).
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Consumer, nodeVersion, pack } from './support/consumer.js';
import { otherEnd } from './support/other-end.js';
import { KINDS, type Kind, readmeExamples, required } from './support/readme-programs.js';

const tarballs = mkdtempSync(join(tmpdir(), 'framepipe-tarball-'));
const user = new Consumer();
const examples = readmeExamples().map((block) => ({ name: `README.md:${block.line}`, block }));
/** The echo of what the client on the front page says; the other examples are silent when all is well. */
const SAYS: Readonly<Record<string, string>> = { 'echo-server': 'hello\n' };

beforeAll(() => {
  user.install(pack(tarballs).tarball);
  user.add('@types/node', 'undici-types');
});

afterAll(() => {
  user.remove();
  rmSync(tarballs, { recursive: true });
});

/** Compiles a folder of TypeScript in place, as strictly as TypeScript can. */
function compiled(folder: string) {
  const compilerOptions = {
    module: 'nodenext',
    target: 'es2022',
    lib: ['es2022'],
    types: ['node'],
    strict: true,
    noUnusedLocals: true,
    exactOptionalPropertyTypes: true,
    noUncheckedIndexedAccess: true,
  };
  user.write(`${folder}/tsconfig.json`, JSON.stringify({ compilerOptions, include: ['*.ts'] }));
  return user.compile(`${folder}/tsconfig.json`);
}

test('there are examples, each with its other end', async () => {
  expect(examples.length).toBeGreaterThanOrEqual(5);
  await expect(otherEnd('none-such')).rejects.toThrow('none-such');
});

test('an import becomes a require(), and what is none is refused', () => {
  expect(required("import { a, b as c } from 'd';")).toBe("const { a, b: c } = require('d');");
  expect(required("import a from 'b';")).toBe("const a = require('b');");
  expect(() => required("import type { A } from 'b';")).toThrow('no import');
});

describe.each(KINDS)(`$name, on Node ${nodeVersion()}`, ({ folder, type, extension, from }: Kind) => {
  const file = ({ line }: { line: number }, end: string) => `${folder}/line-${line}${end}`;

  beforeAll(() => {
    user.write(`${folder}/package.json`, JSON.stringify({ type }));
    for (const { block } of examples) user.write(file(block, extension), from(block.code));
  });

  if (extension === '.ts') {
    test('type-checks', () => {
      expect(compiled(folder)).toEqual({ status: 0, says: '' });
    });
  }

  test.each(examples)('$name runs', async ({ block }) => {
    const other = await otherEnd(block.harness);
    user.edit(file(block, '.js'), (code) => code.replaceAll('8080', `${other.port}`));
    const program = user.start(file(block, '.js'));
    try {
      expect(await other.meet(program)).toBe(SAYS[block.harness ?? ''] ?? '');
    } finally {
      program.kill();
    }
  });
});
