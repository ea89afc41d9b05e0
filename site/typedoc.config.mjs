/** Options of typedoc for `npm run docs`. What a page is called, and where it lies, is in plugin.mjs. */
import { MENU, MODULES } from './pages.mjs';
import { readsHeadings } from './plugin.mjs';

const fromRoot = (path) => `../${path}`;

/** @type {Partial<import('typedoc').TypeDocOptions>} */
const options = {
  name: 'framepipe',
  plugin: ['./plugin.mjs'],
  entryPoints: Object.values(MODULES).map(fromRoot),
  tsconfig: '../tsconfig.build.json',
  readme: '../README.md',
  projectDocuments: Object.values(MENU).flat().map(fromRoot),
  out: 'dist',
  router: 'framepipe',
  customCss: './style.css',
  customJs: './menu.js',
  favicon: './favicon.svg',
  markdownItLoader: readsHeadings,
  ignoredHighlightLanguages: ['haproxy'],
  highlightLanguages: ['typescript', 'javascript', 'bash', 'console', 'json', 'nginx', 'docker', 'markdown', 'yaml'],
  // Sources are in the repository; the site says what a user relies on.
  disableSources: true,
  excludeExternals: true,
  excludeInternal: true,
  excludeProtected: true,
  includeHierarchySummary: false,
  searchInDocuments: true,
  searchInComments: true,
  sort: ['kind', 'instance-first', 'alphabetical-ignoring-documents'],
  sortEntryPoints: false,
  groupOrder: [...Object.keys(MENU).slice(0, 1), 'API', ...Object.keys(MENU).slice(1), 'Classes', 'Functions', '*'],
  headings: { readme: false, document: false },
  navigation: { includeGroups: true, excludeReferences: true },
  locales: { en: { kind_plural_module: 'API' } },
  visibilityFilters: {},
  externalSymbolLinkMappings: {
    '@types/node': {
      'Stream.Writable.write': 'https://nodejs.org/api/stream.html#writablewritechunk-encoding-callback',
    },
  },
  treatWarningsAsErrors: true,
  validation: {
    notExported: true,
    invalidLink: true,
    invalidPath: true,
    rewrittenLink: true,
    notDocumented: true,
  },
  // The keys of a table, what only this package hands over, and how a listener's type is found.
  intentionallyNotExported: ['RULES', 'Received', 'ListenerOf'],
};

export default options;
