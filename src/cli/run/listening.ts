/**
 * Getting a port, or a sentence that says why not. For servers of every kind.
 */
import type { AddressInfo, Server } from 'node:net';
import { Failure } from './failure.js';

/** Resolves with the port; rejects with a Failure that says why it cannot be had. */
export function listening(server: Server, port: number, host: string): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => reject(new Failure(listenSentence(error, port, host))));
    server.listen(port, host, () => resolve((server.address() as AddressInfo).port));
  });
}

/** Why a port cannot be had. */
export function listenSentence({ code, message }: NodeJS.ErrnoException, port: number, host: string): string {
  if (code === 'EADDRINUSE') return `Port ${port} is in use. --port 0 takes a free one.`;
  if (code === 'EACCES') return `Port ${port} needs more rights. --port 0 takes a free one.`;
  return `Cannot listen on ${host}:${port}: ${message}`;
}
