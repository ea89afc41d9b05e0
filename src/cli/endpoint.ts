/**
 * The two ends of a bridge, as they are typed: `ws://:8080`, `tcp://localhost:5432`.
 *
 * Knows: what a port, a host and a scheme may be, and that nobody means the whole network without saying so.
 * Does not know: sockets.
 */
import { UsageError } from '../errors.js';

/** Where a TCP end is. */
export interface TcpEndpoint {
  readonly kind: 'tcp';
  readonly host: string;
  readonly port: number;
}

/** Where a WebSocket end is. `url` is what a client connects to; a server uses host, port and path. */
export interface WebSocketEndpoint {
  readonly kind: 'ws';
  readonly url: string;
  readonly host: string;
  readonly port: number;
  /** With its query, or null when the text ends after the port. */
  readonly path: string | null;
  readonly secure: boolean;
}

export type Endpoint = TcpEndpoint | WebSocketEndpoint;

const FORM = /^(tcp|wss?):\/\/(\[[0-9a-f:.%]+\]|[^/:?#@[\]]*)(?::(\d+))?([/?][^#]*)?$/i;

/** A host that is left out is this machine, over loopback only. */
const LOOPBACK = '127.0.0.1';

/** @throws UsageError for what is no endpoint. */
export function parseEndpoint(text: string): Endpoint {
  const found = FORM.exec(text);
  if (found === null) throw new UsageError(`"${text}" is no endpoint; tcp://localhost:5432 and ws://:8080 are.`);
  const [, scheme = '', hostPart = '', portPart, path] = found;
  const host = hostPart === '' ? LOOPBACK : hostPart.replace(/^\[|\]$/g, '');
  const kind = scheme.toLowerCase();
  if (kind === 'tcp') {
    if (portPart === undefined || (path !== undefined && path !== '/')) {
      throw new UsageError(`"${text}" is no TCP endpoint: it needs a port and has no path, as tcp://localhost:5432.`);
    }
    return { kind: 'tcp', host, port: portOf(portPart) };
  }
  const secure = kind === 'wss';
  const port = portPart === undefined ? (secure ? 443 : 80) : portOf(portPart);
  return {
    kind: 'ws',
    url: `${kind}://${hostText(host)}:${port}${path ?? '/'}`,
    host,
    port,
    path: path ?? null,
    secure,
  };
}

/** A port, 0 to 65,535. Throws a UsageError for anything else. */
export function portOf(text: string): number {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : 65_536;
  if (port > 65_535) throw new UsageError(`${text} is no port; a port is 0 to 65535.`);
  return port;
}

/** The host as it stands in a URL: an IPv6 address in brackets. */
export function hostText(host: string): string {
  return host.includes(':') ? `[${host}]` : host;
}
