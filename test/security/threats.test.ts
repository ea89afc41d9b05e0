/** README.md names a test for each law and each threat: each file is there, with a test of that title. Shown to fail first. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** What the last column of a table names and does not exist. */
function missing(page: string): string[] {
  const rows = page.split('\n').filter((line) => line.startsWith('| '));
  const named = rows.flatMap((row) => [...row.matchAll(/\]\(([^)]+)\): (.+?)(?=<br>| \|$)/g)]);
  return named.flatMap(([, file = '', title = '']) => {
    const path = join(__dirname, file);
    if (!existsSync(path)) return [`${file} is not there`];
    return readFileSync(path, 'utf8').includes(title) ? [] : [`${file} has no "${title}"`];
  });
}

test('a file that is gone and a title that has changed are found', () => {
  const page = '| a | b | [x](gone.test.ts): a<br>[y](parser.test.ts): no such *title* |';
  expect(missing(page)).toEqual(['gone.test.ts is not there', 'parser.test.ts has no "no such *title*"']);
});

test('each law and each threat has its tests', () => {
  const page = readFileSync(join(__dirname, 'README.md'), 'utf8');
  expect(missing(page)).toEqual([]);
  const rows = page.split('\n').filter((line) => line.startsWith('| ') && !/^\| (threat|law|---) /.test(line));
  for (const row of rows) expect(row).toMatch(/\]\([^)]+\): ./);
  // 14 laws, 39 threats.
  expect(rows).toHaveLength(53);
});
