/**
 * Letting go of a socket after our last words (RFC 9112 §9.6, RFC 6455 §7.1.1).
 *
 * Knows: how to end a connection so that the peer can still read them: closing with unread bytes makes TCP send a reset,
 * which can overtake what was written.
 * Does not know: what they say.
 */
import type { Duplex } from 'node:stream';

/** How long the peer may take to read a refusal and to close, in milliseconds. */
const LINGER_MS = 1000;

/**
 * Ends `socket`, at once or after the peer has (`peerEndsFirst`), and destroys it when both have, at the latest after
 * `timeoutMs` milliseconds (`Infinity`: no limit). Until then what arrives is thrown away, and errors of the socket are
 * of no interest any more and are swallowed.
 */
export function linger(socket: Duplex, timeoutMs: number, peerEndsFirst = false): void {
  socket.on('error', ignoreErrors);
  if (timeoutMs !== Infinity) destroyAfter(socket, timeoutMs);
  socket.resume();
  if (!peerEndsFirst || socket.readableEnded) socket.end();
  else socket.once('end', () => socket.end());
}

/** A socket that has ended on both sides is destroyed by itself; one that takes longer than `timeoutMs`, here. */
function destroyAfter(socket: Duplex, timeoutMs: number): void {
  const deadline = setTimeout(() => socket.destroy(), timeoutMs).unref();
  socket.once('close', () => clearTimeout(deadline));
}

/** A listener for errors of a socket that has no owner yet, or none any more: 'close' follows them. */
export function ignoreErrors(): void {}

/** Writes `response`, then lets go of `socket`. Takes both arguments. */
export function endWith(socket: Duplex, response: Uint8Array, lingerMs = LINGER_MS): void {
  if (!socket.destroyed) socket.write(response);
  linger(socket, lingerMs);
}
