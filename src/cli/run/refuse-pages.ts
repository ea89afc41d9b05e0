/**
 * The answer to a request that is no WebSocket, where there are no pages. It says what the server is.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';

const UPGRADE = { Connection: 'close, Upgrade', Upgrade: 'websocket' };

/** A listener for 'request'. */
export function refusePages({ httpVersionMajor }: IncomingMessage, response: ServerResponse): void {
  // HTTP/2 has no upgrades, and no fields about the connection (RFC 9113 §8.2.2, §8.6).
  const [status, fields] = httpVersionMajor === 1 ? [426, UPGRADE] : [404, {}];
  response.writeHead(status, { ...fields, 'Content-Type': 'text/plain' }).end('This server speaks WebSocket.\n');
}
