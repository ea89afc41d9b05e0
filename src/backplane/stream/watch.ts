/**
 * Following the life of a NATS connection.
 *
 * Knows: which of its events mean that it was away, and that it has given up.
 * Does not know: what is done about it.
 */
import { BackplaneError } from '../backplane-error.js';
import type { NatsClient } from './clients.js';
import type { Sink } from './engine.js';

/** @throws BackplaneError when the connection is closed; its client would throw an error of its own. */
export function checkOpen(connection: NatsClient, cause?: unknown): void {
  if (connection.isClosed()) throw closed(cause);
}

/** Calls `onReconnect` each time the connection is back. Fails the topic when it is closed. Returns how to stop. */
export function watch(connection: NatsClient, sink: Sink, onReconnect: () => void): () => void {
  let isOver = false;
  const events = connection.status()[Symbol.asyncIterator]();
  const follow = async () => {
    for (;;) {
      const { done, value } = await events.next();
      if (done || isOver) return;
      if (value.type === 'reconnect') onReconnect();
    }
  };
  follow().catch(() => {});
  connection.closed().then((cause) => {
    if (!isOver) sink.failed(closed(cause));
  });
  return () => {
    isOver = true;
    void events.return?.();
  };
}

function closed(cause: unknown): BackplaneError {
  return new BackplaneError('CLOSED', 'The connection to NATS is closed.', { cause });
}
