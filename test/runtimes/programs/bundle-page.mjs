/** Bundles page.mjs into the file that is named as the argument; `framepipe` is the build. */
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { browserBundle } from './browser-bundle.mjs';

const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const alias = { framepipe: here('../../../dist/index.js') };
const outfile = process.argv[2];
await build({ ...browserBundle, entryPoints: [here('page.mjs')], outfile, alias, logLevel: 'error' });
