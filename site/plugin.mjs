/**
 * How our pages become pages of the site: a plugin of typedoc.
 *
 * Knows: that a page is called what its first heading says, and lies where its file lies; that what Node's streams call
 * (`_write`, `_destroy`) and symbols are nobody's API; that a row of VIOLATIONS is explained by what stands in it; that code
 * in a heading is a part of it; that a browser should show a linked source and not play it.
 * Does not know: what is on a page.
 */
import { readdirSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { Comment, Converter, PageEvent, ReferenceType, ReflectionKind, RendererEvent, StructureRouter } from 'typedoc';
import { MENU, MODULES } from './pages.mjs';

const PAGES = Object.entries(MENU).flatMap(([group, paths]) => paths.map((path) => ({ group, path })));
const SOURCE = /\.(?:ts|mjs|sh|go|py)$/;
const LINK_TO_SOURCE = /(href="[^"]*media\/[^"]+\.(?:ts|mjs|sh|go|py))"/g;

/** `docs/guide.md` is docs/guide.html, `examples/README.md` is examples/index.html, `connect` is framepipe/connect.html. */
class Router extends StructureRouter {
  getIdealBaseName(reflection) {
    if (!reflection.isDocument()) return super.getIdealBaseName(reflection);
    return reflection.frontmatter.path.replace(/README\.md$/, 'index').replace(/\.md$/, '');
  }
}

/** Documents come in the order of `projectDocuments`, which is ours. */
function namesPages(converter) {
  let next = 0;
  converter.on(Converter.EVENT_CREATE_DOCUMENT, (_, document) => {
    const { group, path } = PAGES[next++];
    const heading = /^# (.+)$/m.exec(document.content.map(({ text }) => text).join(''));
    if (heading === null) throw new Error(`${path} has no heading`);
    document.name = heading[1].replaceAll('`', '');
    document.frontmatter = { group, path };
  });
}

function namesModules(converter) {
  let next = 0;
  converter.on(Converter.EVENT_CREATE_DECLARATION, (_, reflection) => {
    if (reflection.kindOf(ReflectionKind.Module)) reflection.name = Object.keys(MODULES)[next++];
  });
}

function leavesOutInternals(converter) {
  converter.on(Converter.EVENT_RESOLVE_BEGIN, ({ project }) => {
    for (const one of project.getReflectionsByKind(ReflectionKind.ClassMember)) {
      if (/^(?:_|\[[A-Z_]+\])/.test(one.name)) project.removeReflection(one);
    }
  });
}

/** An overload without words of its own means what the first one means; typedoc would take Node's words. */
function explainsOverloads(converter) {
  converter.on(Converter.EVENT_CREATE_SIGNATURE, (_, signature) => {
    const [first] = signature.parent.signatures ?? [];
    signature.comment ??= first?.comment?.clone();
  });
}

/** A row of the table says in words what its literals say, and is a Violation like every other. */
function explainsViolations(converter) {
  converter.on(Converter.EVENT_RESOLVE_BEGIN, ({ project }) => {
    const named = (name) => project.getReflectionsByKind(ReflectionKind.All).find((one) => one.name === name);
    const type = named('Violation');
    for (const row of named('VIOLATIONS').type.declaration.children) {
      const { says, rfc, close } = Object.fromEntries(
        row.type.declaration.children.map((field) => [field.name, field.type.value]),
      );
      const told = close === null ? '' : `, close code ${close}`;
      row.comment = new Comment([{ kind: 'text', text: `${says}: RFC ${rfc}${told}.` }]);
      project.removeReflection(row.type.declaration);
      row.type = ReferenceType.createResolvedReference(type.name, type, project);
    }
  });
}

/** Code in a heading is text, too, to who makes the list of headings and their anchors; typedoc would leave it out. */
export function readsHeadings(parser) {
  parser.core.ruler.push('code_in_headings', ({ tokens, Token }) => {
    const headings = tokens.filter((_, index) => tokens[index - 1]?.type === 'heading_open');
    for (const code of headings.flatMap(({ children }) => children.filter(({ type }) => type === 'code_inline'))) {
      code.children = [Object.assign(new Token('text', '', 0), { content: code.content })];
    }
  });
}

function showsSources(renderer) {
  renderer.on(PageEvent.END, (page) => {
    page.contents = page.contents?.replace(LINK_TO_SOURCE, '$1.txt"');
  });
  renderer.on(RendererEvent.END, ({ outputDirectory }) => {
    const media = join(outputDirectory, 'media');
    for (const name of readdirSync(media)) {
      if (SOURCE.test(name)) renameSync(join(media, name), join(media, `${name}.txt`));
    }
  });
}

/** @param {import('typedoc').Application} app */
export function load(app) {
  app.renderer.defineRouter('framepipe', Router);
  namesPages(app.converter);
  namesModules(app.converter);
  leavesOutInternals(app.converter);
  explainsOverloads(app.converter);
  explainsViolations(app.converter);
  showsSources(app.renderer);
}
