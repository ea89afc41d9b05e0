/** No block of a page is there unchecked: each language has a suite, and what is no program says so by its language. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { codeBlocks } from './support/markdown.js';
import { pages, ROOT } from './support/pages.js';

const CHECKED_BY: Readonly<Record<string, string>> = {
  ts: 'pages.test.ts compiles and runs it',
  js: 'pages.test.ts runs it',
  cjs: 'pages.test.ts runs it',
  sh: 'shell.test.ts runs each command',
  nginx: 'proxies.test.ts puts it in front of a server',
  haproxy: 'proxies.test.ts puts it in front of a server',
  json: 'parsed below',
  text: 'a drawing, output, or a file that nobody runs',
  md: 'the source of a page',
};

const blocks = pages().flatMap(({ path, markdown }) => codeBlocks(path, markdown));
const places = (chosen: typeof blocks) => chosen.map(({ page, line, language }) => `${page}:${line} ${language}`);

test('every block has a language, and every language a check', () => {
  expect(places(blocks.filter(({ language }) => !(language in CHECKED_BY)))).toEqual([]);
  expect(blocks.length).toBeGreaterThan(40);
});

test('JSON is JSON, whole or line by line', () => {
  const parses = (text: string) => {
    try {
      JSON.parse(text);
      return true;
    } catch {
      return false;
    }
  };
  const isJson = (code: string) => parses(code) || code.split('\n').every(parses);
  expect(isJson('{"a":1}\n{"b":2}')).toBe(true);
  expect(isJson('{"a":1,}')).toBe(false);
  expect(places(blocks.filter(({ language, code }) => language === 'json' && !isJson(code)))).toEqual([]);
});

describe('blocks that are not run', () => {
  const excused = blocks.filter(({ info }) => info !== '');

  test('say why in a sentence, or which file they are from', () => {
    expect(places(excused.filter(({ info }) => !/^(?:not run: .{20,}|from \S+)$/.test(info)))).toEqual([]);
  });

  /** The first line of `code` that does not come, in this order, in `source`; null when all do. */
  const missing = (code: string, source: string): string | null => {
    const lines = source.split('\n');
    let from = 0;
    for (const line of code.split('\n').filter((one) => one.trim() !== '')) {
      const at = lines.indexOf(line, from);
      if (at < 0) return line;
      from = at + 1;
    }
    return null;
  };

  test('the comparison can fail', () => {
    expect(missing('a\n\nc', 'a\nb\nc')).toBeNull();
    expect(missing('c\na', 'a\nb\nc')).toBe('a');
  });

  const copied = excused.filter(({ info }) => info.startsWith('from '));
  test.each(copied.map((block) => [block.info, block] as const))('%s, line by line', (_, { info, code }) => {
    expect(missing(code, readFileSync(join(ROOT, info.slice('from '.length)), 'utf8'))).toBeNull();
  });
});

test('every option of ws has its row', () => {
  const page = readFileSync(join(ROOT, 'docs/migrating-from-ws.md'), 'utf8');
  const libraries = ['websocket', 'websocket-server'].map((name) => join(ROOT, `node_modules/ws/lib/${name}.js`));
  const documented = libraries.flatMap((path) => [
    ...readFileSync(path, 'utf8').matchAll(/@param \{[^}]*\}+\)? \[?options\.(\w+)/g),
  ]);
  const names = documented.map(([, name = '']) => name);
  expect(names.length).toBeGreaterThan(25);
  expect(names.filter((name) => !new RegExp(`\`[^\`]*\\b${name}\\b[^\`]*\``).test(page))).toEqual([]);
});
