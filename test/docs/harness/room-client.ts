/**
 * For a block that listens on port 8080 and sends to everybody: two clients of another implementation, who both want to
 * hear something.
 *
 * Knows: the ws package. Does not know: framepipe; it must not agree with itself by mistake.
 */
import { once } from 'node:events';
import { WebSocket } from 'ws';

export async function after(): Promise<never> {
  const clients = ['ws://localhost:8080', 'ws://localhost:8080/?symbol=XYZ'].map((url) => new WebSocket(url));
  const heard = await Promise.all(clients.map((client) => once(client, 'message')));
  for (const [message] of heard) JSON.parse(String(message));
  process.exit(0);
}
