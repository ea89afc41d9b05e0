/**
 * `node --import` this, and a command that waits for the last resort of Life, the time after which it ends the process
 * whatever is left, never ends. So it has to wind up by itself.
 */
import { LINGER_MS } from '../../../dist/cli/run/life.js';

const { setTimeout } = globalThis;
const NEVER_MS = 2 ** 31 - 1;

globalThis.setTimeout = (callback, ms, ...rest) => setTimeout(callback, ms === LINGER_MS ? NEVER_MS : ms, ...rest);
