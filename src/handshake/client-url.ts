/**
 * Where a client connects to, read from a URL (RFC 6455 §3).
 *
 * Knows: the ws, wss, http, https, ws+unix and wss+unix schemes, user information, what makes two targets one origin.
 * Does not know: DNS, sockets, redirects, or how a request is sent.
 */

import { Buffer } from 'node:buffer';
import { UsageError } from '../errors.js';

/** A URL taken apart. Everything that a request needs, nothing that it must not send. */
export interface Target {
  /** Normalised, with a ws or wss scheme, without user information. For logs and for `ws.url`. */
  readonly href: string;
  readonly secure: boolean;
  /** Without the brackets of an IPv6 address; `localhost` for a Unix socket. */
  readonly hostname: string;
  readonly port: number;
  /** The value of the Host field: the port only when it is not the scheme's own. */
  readonly host: string;
  /** The request target: path and query, at least `/`, percent-encoded. */
  readonly path: string;
  /** The file system path of a Unix socket, or null for TCP. */
  readonly socketPath: string | null;
  /** `Basic …`, made from the URL's user information, or null when it has none. */
  readonly authorization: string | null;
}

const SCHEMES: ReadonlyMap<string, 'ws' | 'wss'> = new Map([
  ['ws:', 'ws'],
  ['http:', 'ws'],
  ['ws+unix:', 'ws'],
  ['wss:', 'wss'],
  ['https:', 'wss'],
  ['wss+unix:', 'wss'],
]);

const CONTROL = /\p{Cc}/u;

/**
 * Reads `ws://host/path`, `wss:`, `http:` (as ws), `https:` (as wss) and `ws+unix:/path/of.sock:/request/path` (and
 * `wss+unix:`), where the part after the second colon defaults to `/`; a colon within the socket's path is `%3A`.
 * User information becomes Basic credentials (RFC 7617), percent-decoded, as UTF-8.
 * @throws UsageError for anything else: another scheme, a fragment (RFC 6455 §3), a control character, bad user
 * information.
 */
export function parseTarget(input: string | URL): Target {
  const text = String(input);
  // The URL parser drops CR, LF and tabs in silence: `ws://host/a\r\nb` would ask for /ab.
  if (CONTROL.test(text)) throw new UsageError('The URL has a control character.');
  if (!URL.canParse(text)) throw new UsageError('The URL is malformed.');
  const url = new URL(text);
  const scheme = SCHEMES.get(url.protocol);
  if (scheme === undefined) throw new UsageError('The URL must begin with ws: or wss:.', { scheme: url.protocol });
  if (url.href.includes('#')) throw new UsageError('The URL of a WebSocket has no fragment.');
  return url.protocol.endsWith('+unix:') ? unixTarget(url, scheme) : tcpTarget(url, scheme);
}

/** Whether credentials for `a` may go to `b`: the same scheme, host and port, over the same socket. */
export function sameOrigin(a: Target, b: Target): boolean {
  return a.secure === b.secure && a.hostname === b.hostname && a.port === b.port && a.socketPath === b.socketPath;
}

function tcpTarget(url: URL, scheme: 'ws' | 'wss'): Target {
  const path = url.pathname + url.search;
  return {
    href: `${scheme}://${url.host}${path}`,
    secure: scheme === 'wss',
    hostname: url.hostname.replace(/^\[|\]$/g, ''),
    port: url.port === '' ? defaultPort(scheme) : Number(url.port),
    host: url.host,
    path,
    socketPath: null,
    authorization: basicCredentials(url),
  };
}

function unixTarget(url: URL, scheme: 'ws' | 'wss'): Target {
  const [socket, ...rest] = url.pathname.split(':') as [string, ...string[]];
  const path = (rest.join(':') || '/') + url.search;
  const socketPath = decoded(socket, 'The path of the Unix socket');
  if (url.host !== '' || !socketPath.startsWith('/')) throw new UsageError('The path of a Unix socket is absolute.');
  if (CONTROL.test(socketPath)) throw new UsageError('The path of the Unix socket has a control character.');
  if (!path.startsWith('/')) throw new UsageError('The request path begins with a slash.');
  return {
    href: `${scheme}+unix:${socket}:${path}`,
    secure: scheme === 'wss',
    hostname: 'localhost',
    port: defaultPort(scheme),
    host: 'localhost',
    path,
    socketPath,
    authorization: null,
  };
}

function defaultPort(scheme: 'ws' | 'wss'): number {
  return scheme === 'wss' ? 443 : 80;
}

function basicCredentials({ username, password }: URL): string | null {
  if (username === '' && password === '') return null;
  const user = decoded(username, 'The user name in the URL');
  // RFC 7617 §2: the first colon ends the user name, so a name that has one would move into the password.
  if (user.includes(':')) throw new UsageError('The user name in the URL has a colon.');
  const pair = `${user}:${decoded(password, 'The password in the URL')}`;
  if (CONTROL.test(pair)) throw new UsageError('The user information in the URL has a control character.');
  return `Basic ${Buffer.from(pair).toString('base64')}`;
}

function decoded(text: string, what: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw new UsageError(`${what} is not percent-encoded UTF-8.`);
  }
}
