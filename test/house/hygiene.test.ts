/** What is committed: no machine paths, no registry hosts, no bent rules, two runtime dependencies. Shown to fail first. */
import { RUNTIME_DEPENDENCIES } from './support/budgets.js';
import { bentRuleFaults, globalBufferFaults, leakFaults, trackedFiles } from './support/hygiene.js';

const files = trackedFiles();
const jsonOf = (path: string) => JSON.parse(files.find((file) => file.path === path)?.text ?? 'null');

/** Joins at run time, so that this file does not hold what it forbids. */
const joined = (...parts: readonly string[]) => [{ path: 'bad.md', text: `see ${parts.join('')} there` }];

test.each([
  [joined('/', 'home/me/x')],
  [joined("'/", 'work/main')],
  [joined('C:', '\\Users\\me')],
  [joined('https://', 'registry', '.example.org/left-pad')],
  [joined('https://', 'artifactory', '.example/npm')],
])('a leak is found: %j', (bad) => {
  expect(leakFaults(bad)).toEqual([expect.stringMatching(/^bad\.md:1 names /)]);
});

test('a path on a web site, a relative path and a package page are not leaks', () => {
  const text = 'https://example.org/home/a ./work/b src/root/c https://www.npmjs.com/package/ws';
  expect(leakFaults([{ path: 'ok.md', text }])).toEqual([]);
});

test('a switched-off rule is found, another one with a reason is not', () => {
  const ignore = (rule: string) => [{ path: 'a.ts', text: `// biome-${'ignore'} lint/${rule}: because` }];
  expect(bentRuleFaults(ignore('suspicious/noExplicitAny'))).toHaveLength(1);
  expect(bentRuleFaults(ignore('complexity/useLiteralKeys'))).toEqual([]);
});

test('no tracked file names a machine or a registry', () => {
  expect(leakFaults(files)).toEqual([]);
});

test('biome refuses any, non-null assertions and default exports, and nobody switches that off', () => {
  expect(jsonOf('biome.json').linter.rules).toMatchObject({
    style: { noNonNullAssertion: 'error', noDefaultExport: 'error' },
    suspicious: { noExplicitAny: 'error' },
  });
  expect(bentRuleFaults(files)).toEqual([]);
});

test('sources import Buffer, which as a global costs a call', () => {
  const source = (text: string) => [{ path: 'src/a.ts', text }];
  expect(globalBufferFaults(source('const a = Buffer.alloc(1);\nb instanceof Buffer;'))).toHaveLength(2);
  expect(globalBufferFaults(source("import { Buffer } from 'node:buffer';\nBuffer.alloc(1);"))).toEqual([]);
  expect(globalBufferFaults(source('const a: Buffer = b;'))).toEqual([]);
  expect(globalBufferFaults(files)).toEqual([]);
});

test('the lock file says what to install, not where from', () => {
  const entries: { resolved?: string }[] = Object.values(jsonOf('package-lock.json').packages);
  expect(entries.filter((entry) => entry.resolved !== undefined)).toEqual([]);
});

test('the runtime dependencies are those that are written down', () => {
  const manifest = jsonOf('package.json');
  expect(Object.keys(manifest.dependencies)).toEqual(RUNTIME_DEPENDENCIES);
  expect(manifest.optionalDependencies ?? {}).toEqual({});
});
