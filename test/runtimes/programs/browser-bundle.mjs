/**
 * esbuild's options for the codec on a page. docs/runtimes.md shows this file.
 *
 * Knows: what the codec needs of Node, and how a browser does the same.
 * Does not know: what is bundled.
 */
import { fileURLToPath } from 'node:url';

const STAND_INS = {
  'node:buffer': `exports.isAscii = (bytes) => bytes.every((byte) => byte < 128);
  exports.isUtf8 = (bytes) => {
    try { new TextDecoder('utf-8', { fatal: true }).decode(bytes); return true; } catch { return false; }
  };
  exports.constants = { MAX_LENGTH: 2 ** 32, MAX_STRING_LENGTH: 2 ** 29 - 24 };
  exports.Buffer = Buffer;`,
  'node:crypto': 'exports.randomFillSync = (bytes) => crypto.getRandomValues(bytes);',
};

/** The rest of Node is imported by parts that a page does not use; they are left out of the bundle. */
const nodeModules = {
  name: 'node-modules',
  setup(build) {
    build.onResolve({ filter: /^node:/ }, ({ path }) => ({ path, namespace: 'node', sideEffects: false }));
    build.onLoad({ filter: /.*/, namespace: 'node' }, ({ path }) => ({ contents: STAND_INS[path] ?? '' }));
  },
};

export const browserBundle = {
  bundle: true,
  minify: true,
  format: 'esm',
  platform: 'browser',
  inject: [fileURLToPath(new URL('browser-globals.mjs', import.meta.url))],
  plugins: [nodeModules],
};
