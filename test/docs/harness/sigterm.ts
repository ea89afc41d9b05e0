/**
 * For a block that echoes on port 8080 and ends on SIGTERM: a client of another implementation is there when it comes.
 *
 * Knows: the ws package, and that the block's process is this one. Does not know: framepipe.
 */
import { once } from 'node:events';
import { WebSocket } from 'ws';

export async function after(): Promise<void> {
  const peer = new WebSocket('ws://localhost:8080');
  await once(peer, 'open');
  peer.send('hello');
  await once(peer, 'message');
  const closed = once(peer, 'close');
  process.kill(process.pid, 'SIGTERM');
  const [code, reason] = await closed;
  if (code !== 1001 || String(reason) !== 'restart') throw new Error(`closed with ${code} ${reason}`);
}
