/** The Markdown pages of the repository. Those at the top and those below docs/; a page elsewhere is not for users. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { anchors, links } from './markdown.js';

export const ROOT = resolve(__dirname, '../../..');

export interface Page {
  /** Relative to the repository. */
  readonly path: string;
  readonly markdown: string;
}

/** README.md and its siblings, then everything below docs/. */
export function pages(): Page[] {
  const top = readdirSync(ROOT).filter((name) => name.endsWith('.md'));
  const docs = readdirSync(join(ROOT, 'docs'), { recursive: true, encoding: 'utf8' });
  const below = docs.filter((name) => name.endsWith('.md')).map((name) => `docs/${name}`);
  return [...top, ...below].map((path) => ({ path, markdown: readFileSync(join(ROOT, path), 'utf8') }));
}

/** Links of a page to a file or an anchor that is not there. The web is not asked: a test must not depend on it. */
export function brokenLinks(page: Page, root = ROOT): string[] {
  const broken: string[] = [];
  for (const { line, target } of links(page.path, page.markdown)) {
    if (/^[a-z][\w+.-]*:/i.test(target)) continue;
    const [file = '', anchor] = target.split('#');
    const at = file === '' ? join(root, page.path) : resolve(root, dirname(page.path), file);
    if (!existsSync(at))
      broken.push(`${page.path}:${line} links to ${target}, and ${relative(root, at)} does not exist`);
    else if (anchor !== undefined && !anchorsOf(at, page, root).includes(anchor)) {
      broken.push(`${page.path}:${line} links to ${target}, and there is no such heading`);
    }
  }
  return broken;
}

function anchorsOf(path: string, page: Page, root: string): string[] {
  if (path === join(root, page.path)) return anchors(page.path, page.markdown);
  return path.endsWith('.md') ? anchors(path, readFileSync(path, 'utf8')) : [];
}
