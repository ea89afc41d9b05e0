/**
 * The way into Node's HTTP client.
 *
 * Knows: which of Node's options a handshake passes on, and which ones it insists on.
 * Does not know: what is asked for, or what the answer means.
 */

import http from 'node:http';
import type { ClientHttp2Session } from 'node:http2';
import https from 'node:https';
import type { LookupFunction } from 'node:net';
import type { ConnectionOptions } from 'node:tls';
import { oneOf } from '../../codec/limits.js';
import { UsageError } from '../../errors.js';
import type { Target } from '../client-url.js';
import { MAX_HEAD_BYTES } from '../head.js';

/** How a connection is made. */
export interface TransportOptions {
  /**
   * `'1.1'`: an upgrade, each WebSocket with a connection of its own. `'2'`: extended CONNECT (RFC 8441), all WebSockets
   * of an origin on one connection as far as its server lets them; for `ws:` without asking first (RFC 9113 §3.3).
   * `'auto'`: HTTP/2 for wss when the server offers it (ALPN) and takes WebSockets over it, else 1.1. Default `'1.1'`,
   * with a `session` `'2'`. The other two do not go together with `agent` and `createConnection`.
   */
  readonly http?: '1.1' | '2' | 'auto' | undefined;
  /** A session to open the WebSocket on. It stays its owner's: nothing here closes it. Default: one of our own. */
  readonly session?: ClientHttp2Session | undefined;
  /**
   * A Node agent, for instance one that goes through a proxy. Default: none, so that a handshake never waits for, or
   * inherits, a connection of the process's global agent.
   */
  readonly agent?: http.Agent | undefined;
  /**
   * TLS options for wss. Default: Node's, which verify the certificate and its host name. ALPN is always `http/1.1`.
   * What identifies us or the host (`cert`, `key`, `pfx`, `passphrase`, `servername`) does not follow a redirect to
   * another origin.
   */
  readonly tls?: Readonly<ConnectionOptions> | undefined;
  /**
   * Makes the connection, for wss a secure one, and returns it or passes it to its second argument (`error`, `socket`).
   * Gets Node's connection options. Not together with `agent`.
   */
  readonly createConnection?: http.RequestOptions['createConnection'];
  /** Path of a Unix socket to connect to in place of the URL's host. */
  readonly socketPath?: string | undefined;
  /** IP version to connect with, 4 or 6. Default: both. */
  readonly family?: 4 | 6 | undefined;
  /** Resolves host names. Default: `dns.lookup`. */
  readonly lookup?: LookupFunction | undefined;
  /** The local address to connect from. */
  readonly localAddress?: string | undefined;
}

/**
 * The head of a response: at most 16 KiB, parsed strictly, whatever Node's command line says.
 */
export const HEAD_LIMITS = { maxHeaderSize: MAX_HEAD_BYTES, insecureHTTPParser: false } as const;

/**
 * A request that has not been sent yet: the caller listens, then ends it.
 * @throws UsageError when Node rejects the options, such as a certificate that is none.
 */
export function openRequest(
  target: Target,
  headers: http.OutgoingHttpHeaders,
  transport: TransportOptions,
): http.ClientRequest {
  const { agent, createConnection, socketPath, family, lookup, localAddress } = transport;
  const options: https.RequestOptions = {
    ...(target.secure && { ...transport.tls, ALPNProtocols: ['http/1.1'] }),
    ...HEAD_LIMITS,
    agent: createConnection === undefined ? (agent ?? false) : undefined,
    createConnection,
    family,
    headers,
    host: target.hostname,
    localAddress,
    lookup,
    path: target.path,
    port: target.port,
    socketPath: target.socketPath ?? socketPath,
  };
  try {
    return target.secure ? https.request(options) : http.request(options);
  } catch (error) {
    throw new UsageError(`Node cannot make a request with these options: ${messageOf(error)}.`);
  }
}

/** What of `transport` may be used for another origin. */
export function crossOriginTransport(transport: TransportOptions): TransportOptions {
  const { cert, key, passphrase, pfx, servername, ...tls } = transport.tls ?? {};
  // A session leads to its own server only; the new one is spoken to in the same way.
  const { session, ...rest } = transport;
  return session === undefined ? { ...rest, tls } : { ...rest, tls, http: httpVersion(transport) };
}

/**
 * The version of HTTP to use.
 * @throws UsageError for another one than the three, and for options that contradict it.
 */
export function httpVersion({
  http: version,
  session,
  agent,
  createConnection,
}: TransportOptions): '1.1' | '2' | 'auto' {
  const chosen = version ?? (session === undefined ? '1.1' : '2');
  oneOf('http', chosen, ['1.1', '2', 'auto']);
  if (chosen === '1.1' && session !== undefined)
    throw new UsageError("A session does not go together with http: '1.1'.");
  if (chosen !== '1.1' && (agent !== undefined || createConnection !== undefined)) {
    throw new UsageError("agent and createConnection make connections for http: '1.1' only; give a session instead.");
  }
  return chosen;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
