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
import { onlyPipe } from './stream-state.js';
import { WRITE_SIDE, type WriteSide } from './write-side.js';

type Made = Duplex & { readonly [WRITE_SIDE]: WriteSide };

/**
 * Where the next message of `source` goes when it is forwarded; null when somebody may look at it, and while the other WebSocket
 * has something to send before it, has no room, or compresses. `own` has the methods that a WebSocket is made with: one that
 * somebody has replaced is called.
 */
export function forwardsTo(source: Duplex, own: Duplex): WriteSide | null {
  const target = onlyPipe(source);
  if (target === null || channels.message.hasSubscribers || channels.frame.hasSubscribers) return null;
  if (!isAsMade(source, target, own) || !target.writable || target.writableLength + target.writableCorked > 0)
    return null;
  const side = (target as Made)[WRITE_SIDE];
  return side.isIdle && !side.isFull && side.session?.deflate === null ? side : null;
}

function isAsMade(source: Duplex, target: Writable, own: Duplex): boolean {
  return (
    source.emit === own.emit && source.push === own.push && target.write === own.write && target._write === own._write
  );
}
