/**
 * The request that asks for a WebSocket (RFC 6455 §4.1).
 *
 * Knows: the fields of the request and how a fresh key is made.
 * Does not know: who sends it.
 */

import { randomBytes } from 'node:crypto';
import type { ClientSettings, HeaderField } from './client-options.js';
import type { Target } from './client-url.js';
import { formatExtensions } from './extensions.js';
import type { Offer } from './judge-response.js';

/** RFC 6455 §4.1: the key is 16 bytes, chosen at random for each handshake. */
const KEY_BYTES = 16;

/** What one request offers, with a key of its own: a redirected handshake needs a new offer. */
export function createOffer(settings: ClientSettings): Offer {
  const { subprotocols, extensions, acceptExtensions } = settings;
  return { key: randomBytes(KEY_BYTES).toString('base64'), subprotocols, extensions, acceptExtensions };
}

/**
 * The fields of the request: Host, the handshake's own, then `fields`. A `Host` among `fields` takes the place of the
 * target's. A field of one line is a string, as agents expect; one of several lines is an array.
 */
export function requestHeaders(
  target: Target,
  offer: Offer,
  fields: readonly HeaderField[],
): Record<string, string | string[]> {
  const lines = new Map<string, string[]>();
  for (const [name, value] of ownFields(target, offer)) lines.set(name, [value]);
  for (const [name, value] of fields) {
    if (name.toLowerCase() === 'host') lines.set('Host', [value]);
    else lines.set(name, [...(lines.get(name) ?? []), value]);
  }
  const entries = Array.from(lines, ([name, values]) => [name, values.length === 1 ? values.join() : values] as const);
  // Not by assignment: a field called __proto__ is a field, too.
  return Object.fromEntries(entries);
}

function ownFields(target: Target, offer: Offer): HeaderField[] {
  const fields: HeaderField[] = [
    ['Host', target.host],
    ['Connection', 'Upgrade'],
    ['Upgrade', 'websocket'],
    ['Sec-WebSocket-Version', '13'],
    ['Sec-WebSocket-Key', offer.key],
  ];
  if (offer.subprotocols.length > 0) fields.push(['Sec-WebSocket-Protocol', offer.subprotocols.join(', ')]);
  if (offer.extensions.length > 0) fields.push(['Sec-WebSocket-Extensions', formatExtensions(offer.extensions)]);
  return fields;
}
