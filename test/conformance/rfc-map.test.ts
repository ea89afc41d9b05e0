/** docs/rfc-map.md is current, and every clause of it is mapped. The check is shown to fail first. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const folder = mkdtempSync(join(tmpdir(), 'rfc-map-'));
afterAll(() => rmSync(folder, { recursive: true }));

const check = (...paths: readonly string[]) => {
  const { status, stderr } = spawnSync(process.execPath, ['scripts/rfc-map.mjs', '--check', ...paths], {
    encoding: 'utf8',
  });
  return { status, stderr };
};

test('every clause is mapped to a source and a test that is there, and the page says so', () => {
  expect(check()).toEqual({ status: 0, stderr: '' });
});

test('a page that has fallen behind fails, and the message says what to run', () => {
  const stale = join(folder, 'rfc-map.md');
  writeFileSync(stale, readFileSync('docs/rfc-map.md', 'utf8').replace('MUST', 'MAY'));
  expect(check(stale)).toEqual({ status: 1, stderr: expect.stringContaining('npm run docs:rfc') });
});

test.each([
  ['5.1 MUST Be good.', 'is not mapped'],
  ['5.1 MUST Be good.\n  src/gone.ts\n  test/conformance/framing.test.ts: §5.1', 'does not exist'],
  ['5.1 MUST Be good.\n  src/codec/header.ts\n  test/conformance/framing.test.ts: none such', 'has no "none such"'],
  ['5.1 MUST Be good.\n  src/codec/header.ts\n  why: not needed', 'a reason and a test'],
])('%j is a fault', (text, says) => {
  const clauses = join(folder, 'clauses.txt');
  writeFileSync(clauses, text);
  expect(check('docs/rfc-map.md', clauses)).toEqual({ status: 1, stderr: expect.stringContaining(says) });
});
