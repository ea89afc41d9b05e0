/**
 * Runs the fuzzing campaign of test/fuzz: `npm run fuzz -- --minutes N [--seed S]`.
 *
 * Knows: how to run TypeScript on every Node that we support: esbuild makes one file of it, which is removed at the end.
 * Does not know: fuzzing.
 */
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build } from 'esbuild';

const root = fileURLToPath(new URL('../', import.meta.url));
const outfile = join(root, 'node_modules/.cache', `fuzz-${process.pid}.mjs`);
await build({
  entryPoints: [join(root, 'test/fuzz/main.ts')],
  outfile,
  bundle: true,
  platform: 'node',
  format: 'esm',
  target: 'node20',
  packages: 'external',
});
process.once('exit', () => rmSync(outfile, { force: true }));
await import(pathToFileURL(outfile).href);
