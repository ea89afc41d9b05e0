/**
 * Saying no and leaving (RFC 9112 §9.6).
 *
 * Knows: how to end a connection so that the peer can still read our last words.
 * Does not know: what they say.
 */

import type { Duplex } from 'node:stream';
import { finished } from '../../streams.js';

/** How long the peer may take to read a refusal and to close, in milliseconds. */
const LINGER_MS = 1000;

/**
 * Writes `response`, ends `socket`, and destroys it when the peer has ended as well, at the latest after `lingerMs`.
 * Until then what arrives is thrown away: closing with unread bytes makes TCP send a reset, which can overtake the
 * response. Errors of the socket are of no interest any more and are swallowed. Takes both arguments.
 */
export function endWith(socket: Duplex, response: Uint8Array, lingerMs = LINGER_MS): void {
  const deadline = setTimeout(() => socket.destroy(), lingerMs).unref();
  finished(socket, () => {
    clearTimeout(deadline);
    socket.destroy();
  });
  socket.resume();
  socket.end(response);
}
