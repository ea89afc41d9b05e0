/**
 * What the servers of bench:broadcast say: the same to both, made anew for each message.
 */
import { jsonMessages } from './json-messages.mjs';

/**
 * `burst` messages, in one turn of the event loop or, `inTurns`, one in each.
 * @typedef {{ type: 'text' | 'binary', size: number, burst: number, inTurns?: boolean }} Said
 */

/** @type {Map<string, readonly (string | Buffer)[]>} */
const made = new Map();

/** The message number `at` of a burst: JSON of that size, as text or as its bytes. @param {Said} said @param {number} at */
export function messageOf({ type, size }, at) {
  const key = `${type} ${size}`;
  const known = made.get(key) ?? jsonMessages(size, 16).map((bytes) => (type === 'text' ? String(bytes) : bytes));
  made.set(key, known);
  return known[at % known.length] ?? '';
}
