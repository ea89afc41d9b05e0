/** The site is built without a warning, holds every page, and each of its links leads somewhere. Shown to fail first. */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pages, ROOT } from '../docs/support/pages.js';
import { deadLinks, htmlPages, readSite, type Site, wordsOf } from './support/site.js';

const OUTPUT = join(ROOT, 'site/dist');
/** The shortest pages are types of one line: a name, its sentence, its declaration. */
const FEWEST_WORDS = 8;

/** `docs/guide.md` → `docs/guide.html`, `examples/README.md` → `examples/index.html`. */
const pageOf = (path: string) =>
  path
    .replace(/README\.md$/, 'index')
    .replace(/\.md$/, '')
    .concat('.html');

describe('the checks can fail', () => {
  const page = (main: string) => `<div class="col-content">${main}<div class="col-sidebar">`;

  test('a link to a file or an anchor that is not there is reported', () => {
    const site: Site = new Map([
      ['a/one.html', '<a href="../two.html#here">1</a> <a class="x" href="gone.html">2</a> <img src="../gone.svg">'],
      ['two.html', '<h2 id="there"></h2><a href="#there">3</a><a href="https://example.org/gone">4</a>'],
    ]);
    expect(deadLinks(site)).toEqual([
      expect.stringContaining('a/one.html links to ../two.html#here'),
      expect.stringContaining('a/one.html links to gone.html'),
      expect.stringContaining('a/one.html links to ../gone.svg'),
    ]);
  });

  test('words are those of the main column', () => {
    expect(wordsOf(`menu ${page('<h1>Two</h1>\n<p>words</p>')} aside`)).toBe('Two words');
  });
});

describe('npm run docs', () => {
  let site: Site;
  beforeAll(() => {
    execFileSync('npm', ['run', '--silent', 'docs'], { cwd: ROOT, stdio: ['ignore', 'inherit', 'inherit'] });
    site = readSite(OUTPUT);
  });

  test('every page of the repository that is for users is a page of the site', () => {
    const wanted = pages().map(({ path }) => pageOf(path));
    expect(wanted.filter((path) => !site.has(path))).toEqual([]);
  });

  test('every name that the package exports has a page', () => {
    const source = readFileSync(join(ROOT, 'src/index.ts'), 'utf8').replace(/^\/\*\*[\s\S]*?\*\//, '');
    const lists = [...source.matchAll(/\{([^}]*)\}/g)].flatMap(([, list = '']) => list.split(','));
    const names = lists.map((name) => name.replace(/\btype\b/, '').trim()).filter((name) => name !== '');
    expect(names.length).toBeGreaterThan(80);
    // Names that differ only in case cannot have files that do.
    const titles = [...site.values()].map((html) => /<title>(.*?) \|/.exec(html)?.[1]);
    expect(names.filter((name) => !titles.includes(name))).toEqual([]);
  });

  test('no page is empty', () => {
    const few = htmlPages(site).filter((path) => wordsOf(site.get(path) ?? '').split(' ').length < FEWEST_WORDS);
    expect(few).toEqual([]);
  });

  test('every link leads somewhere', () => {
    expect(deadLinks(site)).toEqual([]);
  });

  test('the list of headings beside a page has their code, too', () => {
    const html = site.get('docs/migrating-from-ws.html') ?? '';
    const list = html.slice(html.indexOf('<h3>On This Page</h3>')).replaceAll('<wbr/>', '');
    expect(list).toContain('<a href="#options-of-new-websocketserver"><span>Options of new WebSocketServer</span></a>');
  });

  test('the charts and the search index are there', () => {
    const files = [...site.keys()];
    expect(files).toEqual(expect.arrayContaining(['assets/search.js', 'media/echo.svg', 'media/unmask.svg']));
  });
});
