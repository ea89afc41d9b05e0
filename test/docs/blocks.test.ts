/** No block of a page is there unchecked: each language has a suite, and what is no program says so by its language. */
import { codeBlocks } from './support/markdown.js';
import { pages } from './support/pages.js';

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
