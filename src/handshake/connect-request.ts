/**
 * The request that asks for a WebSocket over HTTP/2 (RFC 8441 §5).
 *
 * Knows: its pseudo-header fields, and that Connection, Upgrade and the key are gone.
 * Does not know: who sends it.
 */

import type { HeaderField } from './client-options.js';
import type { Target } from './client-url.js';
import type { Http2Fields } from './connect-response.js';
import { formatExtensions } from './extensions.js';
import type { Offer } from './judge-response.js';

/** The fields, names in lower case. A `Host` among `fields` becomes `:authority` in place of the target's. */
export function connectRequestFields(target: Target, offer: Offer, fields: readonly HeaderField[]): Http2Fields {
  const lines = new Map<string, string[]>();
  for (const [name, value] of fields) {
    const lower = name.toLowerCase();
    lines.set(lower, [...(lines.get(lower) ?? []), value]);
  }
  const authority = lines.get('host')?.join() ?? target.host;
  lines.delete('host');
  lines.set('sec-websocket-version', ['13']);
  if (offer.subprotocols.length > 0) lines.set('sec-websocket-protocol', [offer.subprotocols.join(', ')]);
  if (offer.extensions.length > 0) lines.set('sec-websocket-extensions', [formatExtensions(offer.extensions)]);
  return {
    ':method': 'CONNECT',
    ':protocol': 'websocket',
    ':scheme': target.secure ? 'https' : 'http',
    ':authority': authority,
    ':path': target.path,
    ...Object.fromEntries(lines),
  };
}
