/** A server that answers a handshake with whatever bytes a test wants to see on the wire. */

import { readFileSync } from 'node:fs';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { join } from 'node:path';
import { createServer as createTlsServer } from 'node:tls';
import { acceptKey } from '../../src/handshake/accept-key.js';

/** The head of a request, as it came. */
export interface RawRequest {
  readonly socket: Socket;
  readonly head: string;
}

export interface RawServer {
  readonly port: number;
  /** Requests so far. */
  readonly requests: readonly RawRequest[];
  /** Connections that are open. */
  readonly sockets: ReadonlySet<Socket>;
  close(): Promise<void>;
}

const folder = join(process.cwd(), 'test', 'support', 'tls');

/** A certificate for localhost and 127.0.0.1 that has signed itself. */
export const TLS = { key: readFileSync(join(folder, 'key.pem')), cert: readFileSync(join(folder, 'cert.pem')) };

/** Listens on 127.0.0.1 and calls `answer` for each request head. */
export async function rawServer(answer: (request: RawRequest) => void, tls = false): Promise<RawServer> {
  const requests: RawRequest[] = [];
  const sockets = new Set<Socket>();
  const serve = (socket: Socket): void => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    socket.on('error', () => {});
    let head = '';
    socket.on('data', (chunk) => {
      head += chunk.toString('latin1');
      if (!head.endsWith('\r\n\r\n')) return;
      requests.push({ socket, head });
      answer({ socket, head });
      head = '';
    });
  };
  const server: Server = tls
    ? createTlsServer({ ...TLS, ALPNProtocols: ['h2', 'http/1.1'] }, serve)
    : createServer({ allowHalfOpen: true }, serve);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const close = () =>
    new Promise<void>((resolve) => {
      for (const socket of sockets) socket.destroy();
      server.close(() => resolve());
    });
  return { port, requests, sockets, close };
}

/** The values of a field in a request head. */
export function field(head: string, name: string): string[] {
  const lines = head.split('\r\n').slice(1);
  const prefix = `${name.toLowerCase()}:`;
  return lines.filter((line) => line.toLowerCase().startsWith(prefix)).map((line) => line.slice(prefix.length).trim());
}

/** The lines that a handshake needs, as answer to `head`. */
export function upgradeLines(head: string): string[] {
  const [key = ''] = field(head, 'Sec-WebSocket-Key');
  return ['Upgrade: websocket', 'Connection: Upgrade', `Sec-WebSocket-Accept: ${acceptKey(key)}`];
}

/** A response head: the status line, the given lines, the empty line. */
export function responseHead(status: string, lines: readonly string[] = []): string {
  return [`HTTP/1.1 ${status}`, ...lines, '', ''].join('\r\n');
}

/** The head that accepts the handshake of `head`, with more lines if given. */
export function accepted(head: string, ...more: string[]): string {
  return responseHead('101 Switching Protocols', [...upgradeLines(head), ...more]);
}
