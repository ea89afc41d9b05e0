/**
 * The answer to a request that is no WebSocket, where there are no pages. It says what the server is.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';

/** A listener for 'request'. */
export function refusePages(_: IncomingMessage, response: ServerResponse): void {
  response
    .writeHead(426, { Connection: 'close, Upgrade', Upgrade: 'websocket', 'Content-Type': 'text/plain' })
    .end('This server speaks WebSocket.\n');
}
