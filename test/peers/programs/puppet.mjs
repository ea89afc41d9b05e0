/**
 * The strings of a puppet: a program that does with its WebSocket what the test tells it to.
 *
 * Knows: orders come as lines of JSON on stdin, reports leave as lines of JSON on stdout; bytes are base64 in orders, and
 * a length with a SHA-256 in reports. The process ends when stdin does.
 * Does not know: which library moves.
 */
import { createHash } from 'node:crypto';
import { createInterface } from 'node:readline';

export const MAX_MESSAGE_BYTES = 2 * 1024 * 1024;

/** @param {string} event @param {object} details */
export function say(event, details = {}) {
  process.stdout.write(`${JSON.stringify({ event, ...details })}\n`);
}

/** @param {number} id @param {boolean} isBinary @param {Uint8Array | string} payload */
export function sayMessage(id, isBinary, payload) {
  const bytes = Buffer.from(payload);
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  say('message', { id, type: isBinary ? 'binary' : 'text', bytes: bytes.length, sha256 });
}

/** @param {Record<string, (order: any, payload: Buffer) => void>} orders what to do for each word */
export function obey(orders) {
  const lines = createInterface({ input: process.stdin });
  lines.on('line', (line) => {
    const { order, ...details } = JSON.parse(line);
    orders[order]?.(details, Buffer.from(details.base64 ?? '', 'base64'));
  });
  lines.on('close', () => process.exit());
}
