/**
 * For a block that is a room on port 8080: one says something, the other one wants to hear it.
 *
 * Knows: the ws package. Does not know: framepipe; it must not agree with itself by mistake.
 */
import { once } from 'node:events';
import { WebSocket } from 'ws';

export async function after(): Promise<never> {
  const [one, other] = [new WebSocket('ws://localhost:8080'), new WebSocket('ws://localhost:8080')];
  await Promise.all([once(one, 'open'), once(other, 'open')]);
  const heard = once(other, 'message');
  one.send('hello');
  const [message] = await heard;
  if (String(message) !== 'hello') throw new Error(`heard ${message}`);
  process.exit(0);
}
