/**
 * What can be wrong with a static site: links, anchors, empty pages.
 *
 * Knows: the attributes of HTML that name other files. Does not know: who made the pages, or what they say.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';

/** Files of a site by path, '/' between folders. HTML and SVG are read; of all others only the name counts. */
export type Site = ReadonlyMap<string, string>;

export function readSite(folder: string): Site {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  const read = (path: string) => (/\.(?:html|svg)$/.test(path) ? readFileSync(path, 'utf8') : '');
  return new Map(
    files.map(({ parentPath, name }) => {
      const path = join(parentPath, name);
      return [path.slice(folder.length + 1).replaceAll('\\', '/'), read(path)];
    }),
  );
}

export function htmlPages(site: Site): string[] {
  return [...site.keys()].filter((path) => path.endsWith('.html'));
}

/** Links that lead to no file, or to no anchor of a page. The web is not asked: a test must not depend on it. */
export function deadLinks(site: Site): string[] {
  return htmlPages(site).flatMap((page) => linksOf(site.get(page) ?? '').flatMap((link) => whyDead(site, page, link)));
}

function whyDead(site: Site, page: string, link: string): string[] {
  if (/^(?:[a-z][\w+.-]*:|\/\/)/i.test(link)) return [];
  const [file = '', anchor = ''] = link.split('#').map(decodeURIComponent);
  const path = file === '' ? page : normalize(join(dirname(page), file)).replaceAll('\\', '/');
  const html = site.get(path);
  if (html === undefined) return [`${page} links to ${link}: there is no ${path}`];
  return anchor === '' || anchorsOf(html).has(anchor) ? [] : [`${page} links to ${link}: there is no such anchor`];
}

/** Values of href and src, outside code. */
function linksOf(html: string): string[] {
  return [...html.matchAll(/<[^>]*?\s(?:href|src)="([^"]*)"/g)].map(([, link = '']) => unescaped(link));
}

const anchorsByPage = new Map<string, Set<string>>();

function anchorsOf(html: string): Set<string> {
  const known = anchorsByPage.get(html);
  if (known !== undefined) return known;
  const found = new Set([...html.matchAll(/\s(?:id|name)="([^"]*)"/g)].map(([, id = '']) => unescaped(id)));
  anchorsByPage.set(html, found);
  return found;
}

function unescaped(value: string): string {
  return value.replaceAll('&amp;', '&').replaceAll('&quot;', '"').replaceAll('&#39;', "'");
}

/** What a reader sees in the main column, without tags. */
export function wordsOf(html: string): string {
  const main = /<div class="col-content">([\s\S]*?)<div class="col-sidebar">/.exec(html)?.[1] ?? '';
  return main
    .replace(/<[^>]*>/g, ' ')
    .replace(/\s+/g, ' ')
    .trim();
}
