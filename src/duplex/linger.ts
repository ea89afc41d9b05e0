/**
 * Letting go of a transport after the last frame (RFC 6455 §7.1.1), so that the peer gets to read that frame: closing a
 * socket with unread bytes would reset it.
 *
 * Knows: that what still comes is thrown away, and for how long.
 * Does not know: frames.
 */
import type { Duplex } from 'node:stream';

/**
 * Ends `transport`: at once, or, when the peer is to end first, after it has. Destroys it after `timeoutMs` milliseconds.
 * Somebody must be listening to its 'data' and 'error'.
 */
export function linger(transport: Duplex, timeoutMs: number, peerEndsFirst: boolean): void {
  if (transport.destroyed) return;
  transport.resume();
  if (!peerEndsFirst || transport.readableEnded) transport.end();
  else transport.once('end', () => transport.end());
  if (timeoutMs === Infinity) return;
  const timer = setTimeout(() => transport.destroy(), timeoutMs).unref();
  transport.once('close', () => clearTimeout(timer));
}
