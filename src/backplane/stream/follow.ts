/**
 * Following the life of a connection to Redis that a topic has opened for itself.
 *
 * Knows: which of its events mean that it was away, and that it has given up.
 * Does not know: what is done about it, or when the connection is closed.
 */
import { BackplaneError } from '../backplane-error.js';
import { refusalIn } from '../redis-refusal.js';
import type { RedisClient } from './clients.js';
import type { Sink } from './engine.js';

/**
 * Connects `client`. Calls `onReconnect` each time it is back; fails the topic when it gives up.
 * @throws BackplaneError when it gives up before it was connected.
 */
export async function follow(client: RedisClient, sink: Sink, onReconnect: () => void): Promise<void> {
  let wasReady = false;
  // Without a listener its errors would end the process. It reconnects by itself, unless its strategy says not to: then it
  // is no longer open, and no other event says so in every version.
  client.on('error', (cause) => {
    if (!client.isOpen) sink.failed(failure(cause));
  });
  client.on('ready', () => {
    if (wasReady) onReconnect();
    wasReady = true;
  });
  client.on('end', () => sink.failed(failure()));
  await client.connect().catch((cause: unknown) => {
    throw failure(cause);
  });
}

function failure(cause?: unknown): BackplaneError {
  const refusal = cause === undefined ? null : refusalIn(cause);
  return refusal ?? new BackplaneError('CLOSED', 'The connection to Redis is closed.', { cause });
}
