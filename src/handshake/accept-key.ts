/**
 * The proof that a server has read the handshake (RFC 6455 §1.3, §4.2.2).
 *
 * Knows: the GUID and the hash.
 * Does not know: whether the key is well formed (judge-request.ts).
 */

import { hash } from 'node:crypto';

/** Fixed by RFC 6455 §1.3: no HTTP server that has never heard of WebSockets would append it. */
const GUID = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11';

/** The `Sec-WebSocket-Accept` that answers a `Sec-WebSocket-Key`: 28 base64 characters. Accepts any string. */
export function acceptKey(key: string): string {
  return hash('sha1', key + GUID, 'base64');
}
