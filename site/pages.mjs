/**
 * The pages of the site, in the order of its menu.
 *
 * Knows: which Markdown file stands in which part of the menu. README.md is the front page and in none of them.
 * Does not know: how a page is made. test/site asks that no page below docs/ is forgotten here.
 */

import { readdirSync } from 'node:fs';

const decisions = readdirSync(new URL('../docs/adr', import.meta.url))
  .filter((name) => /^\d+.*\.md$/.test(name))
  .sort()
  .map((name) => `docs/adr/${name}`);

/** Parts of the menu, and their pages relative to the repository. The API comes after the guide. */
export const MENU = {
  Guide: [
    'docs/guide.md',
    'docs/pipelines.md',
    'docs/streaming-messages.md',
    'docs/servers-and-clients.md',
    'docs/limits-and-security.md',
    'docs/compression.md',
    'docs/http2.md',
    'docs/broadcast.md',
    'docs/backplane.md',
    'docs/deploying.md',
    'docs/frameworks.md',
    'docs/migrating-from-ws.md',
    'docs/testing.md',
    'docs/fuzz-your-server.md',
    'docs/diagnostics.md',
    'examples/README.md',
  ],
  Tools: ['docs/cli.md'],
  Facts: [
    'docs/errors.md',
    'docs/interop.md',
    'docs/runtimes.md',
    'docs/rfc-map.md',
    'bench/README.md',
    'bench/results/REPORT.md',
    'docs/dependencies.md',
  ],
  Project: ['CHANGELOG.md', 'ARCHITECTURE.md', 'CONTRIBUTING.md', 'SECURITY.md', 'test/security/README.md'],
  Decisions: ['docs/adr/README.md', ...decisions],
};

/** Entry points of the package: the name that is imported, and its source. */
export const MODULES = {
  framepipe: 'src/index.ts',
  'framepipe/arbitraries': 'src/arbitraries/index.ts',
  'framepipe/backplane': 'src/backplane/index.ts',
};
