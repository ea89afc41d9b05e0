/**
 * For a block that listens on port 8080 and echoes with compression: another implementation sends it a message that
 * shrinks, and wants it back compressed.
 *
 * Knows: the ws package. Does not know: framepipe; it must not agree with itself by mistake.
 */
import { once } from 'node:events';
import { WebSocket } from 'ws';

const TEXT = JSON.stringify(Array.from({ length: 100 }, (_, id) => ({ id, user: `user ${id}`, side: 'buy' })));

export async function after(): Promise<never> {
  const peer = new WebSocket('ws://localhost:8080', { perMessageDeflate: { threshold: 0 } });
  await once(peer, 'open');
  if (!peer.extensions.startsWith('permessage-deflate')) throw new Error(`extensions: ${peer.extensions}`);
  peer.send(TEXT);
  const [echo] = await once(peer, 'message');
  if (String(echo) !== TEXT) throw new Error(`the echo is ${echo}`);
  process.exit(0);
}
