/**
 * Getting a port, or a sentence that says why not, and giving it back. For servers of every kind.
 */

import type { Server as HttpServer } from 'node:http';
import type { AddressInfo, Server } from 'node:net';
import type { ReadAs } from '../../duplex/options.js';
import type { WebSocketServer } from '../../server.js';
import { Failure } from './failure.js';

/** What the others may take for their close. */
const DRAIN_MS = 1_500;

/** Resolves with the port; rejects with a Failure that says why it cannot be had. */
export function listening(server: Server, port: number, host: string): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => reject(new Failure(listenSentence(error, port, host))));
    server.listen(port, host, () => resolve((server.address() as AddressInfo).port));
  });
}

/** Refuses new connections, takes leave of those that are open, and cuts off whoever does not answer. */
export async function shut(http: HttpServer, webSockets: WebSocketServer<ReadAs>): Promise<void> {
  http.close();
  await webSockets.close({ timeoutMs: DRAIN_MS });
  http.closeAllConnections();
}

/** Why a port cannot be had. */
export function listenSentence({ code, message }: NodeJS.ErrnoException, port: number, host: string): string {
  if (code === 'EADDRINUSE') return `Port ${port} is in use; port 0 is any free one.`;
  if (code === 'EACCES') return `Port ${port} needs more rights; port 0 is any free one.`;
  return `Cannot listen on ${host}:${port}: ${message}`;
}
