/**
 * The function that ws itself calls: with WS_NO_BUFFER_UTIL set, its JavaScript. Without, the add-on from 32 bytes on.
 * It is not among the package's exports, so it is loaded by its place on disk.
 */
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { lapOf } from './peer.mjs';

const require = createRequire(import.meta.url);
const { unmask } = require(join(dirname(require.resolve('ws/package.json')), 'lib/buffer-util.js'));

export const lap = lapOf(unmask);
