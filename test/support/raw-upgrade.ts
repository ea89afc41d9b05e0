/**
 * Upgrade requests by hand.
 *
 * Knows: TCP and the request of RFC 6455 §1.2.
 * Does not know: what the answer should be.
 */
import { connect, type Socket } from 'node:net';
import { received } from './received.js';
import { linesWith, wireOf } from './upgrade-request.js';
import { afterTest } from './web-sockets.js';

/** The head of an upgrade request, with lines changed, added or (null) left out. */
export function upgrade(path = '/', changes: Readonly<Record<string, string | null>> = {}): string {
  return wireOf(linesWith(changes), `GET ${path} HTTP/1.1`);
}

/** A connection to 127.0.0.1 that has sent `head`; destroyed after the test. */
export function rawTo(port: number, head: string | Buffer): Socket {
  const socket = connect(port, '127.0.0.1').on('error', () => {});
  afterTest(() => socket.destroy());
  socket.write(head);
  return socket;
}

/** All that `head` is answered with, up to the end of the connection. */
export function answerTo(port: number, head: string): Promise<string> {
  return received(rawTo(port, head));
}
