/** docs/errors.md says what the table of violations says. The check is shown to fail on a page that does not. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { VIOLATIONS } from '../../src/errors.js';
import { ROOT } from './support/source.js';

const page = readFileSync(join(ROOT, 'docs/errors.md'), 'utf8');
const check = (path: string) =>
  spawnSync(process.execPath, ['scripts/docs-errors.mjs', '--check', path], { cwd: ROOT, encoding: 'utf8' });

test('the committed page is current', () => {
  expect(check('docs/errors.md')).toMatchObject({ status: 0, stderr: '' });
  for (const name of Object.keys(VIOLATIONS)) expect(page).toContain(`\`ERR_WS_${name}\``);
});

test('a page that has fallen behind fails, and the message says what to run', () => {
  const folder = mkdtempSync(join(tmpdir(), 'errors-page-'));
  const stale = join(folder, 'errors.md');
  writeFileSync(stale, page.replace('1002', '1003'));
  const { status, stderr } = check(stale);
  rmSync(folder, { recursive: true });
  expect({ status, stderr }).toEqual({ status: 1, stderr: expect.stringContaining('npm run docs:errors') });
});
