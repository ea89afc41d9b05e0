/**
 * Messages that go from one WebSocket into another, or back into their own, by `pipe` (docs/adr/0017).
 *
 * Nobody sees such a message on its way, so it need not become a Buffer or a string, nor pass through the queues of two streams.
 *
 * Knows: when nobody could tell the difference.
 * Does not know: messages.
 */
import type { Duplex, Writable } from 'node:stream';
import { channels } from './diagnostics.js';
import type { PassingText } from './outgoing.js';
import { onlyPipe } from './stream-state.js';
import { WRITE_SIDE, type WriteSide } from './write-side.js';

type Made = Duplex & { readonly [WRITE_SIDE]: WriteSide };

/**
 * Where the next message of `source` goes when it is forwarded; null when somebody may look at it, and while the other WebSocket
 * has something to send before it, has no room, or compresses. `own` has the methods that a WebSocket is made with: one that
 * somebody has replaced is called. `piping` is what `pipe` listens with.
 */
export function forwardsTo(source: Duplex, own: Duplex, piping: unknown): WriteSide | null {
  const target = unseen(source, own, piping);
  if (target === null || target.writableLength + target.writableCorked > 0) return null;
  const side = target[WRITE_SIDE];
  return side.isIdle && !side.isFull && side.session?.deflate === null ? side : null;
}

/**
 * Gives `text` to the WebSocket that `source` is piped into, behind what that one has to send before it; false when somebody may
 * look at it. With null tells whether it would.
 */
export function relay(source: Duplex, own: Duplex, piping: unknown, text: PassingText | null): boolean {
  if (unseen(source, own, piping) === null) return false;
  // The one listener is `pipe`, which pauses the source when the target is full.
  if (text !== null) source.emit('data', text);
  return true;
}

/** The WebSocket that `source` is piped into, when nobody can see what passes; else null. */
function unseen(source: Duplex, own: Duplex, piping: unknown): Made | null {
  const target = onlyPipe(source, piping);
  if (target === null || channels.message.hasSubscribers || channels.frame.hasSubscribers) return null;
  return isAsMade(source, target, own) && target.writable ? (target as Made) : null;
}

function isAsMade(source: Duplex, target: Writable, own: Duplex): boolean {
  return (
    source.emit === own.emit && source.push === own.push && target.write === own.write && target._write === own._write
  );
}
