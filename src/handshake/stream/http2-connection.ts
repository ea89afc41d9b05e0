/**
 * A connection on which HTTP/2 may be spoken, and the session on it (RFC 9113 §3, RFC 8441 §3).
 *
 * Knows: how the connection is made, what ALPN said, when a server has told whether it takes WebSockets, and how much
 * window our sessions give.
 * Does not know: who else uses the session (http2-pool.ts), requests.
 */

import http2, { type ClientHttp2Session } from 'node:http2';
import net, { type Socket } from 'node:net';
import tls, { type TLSSocket } from 'node:tls';
import { UsageError } from '../../errors.js';
import type { Target } from '../client-url.js';
import { failure } from './exchange.js';
import type { TransportOptions } from './http-request.js';
import { ignoreErrors } from './linger.js';

/**
 * What a peer may send on one WebSocket before it is read, in bytes. A thousand stopped readers of one process hold as
 * many times that much; at a round trip of 50 ms one WebSocket is limited to 5 MiB a second.
 */
export const STREAM_WINDOW = 262_144;

/** The same for all WebSockets of a session together. Node gives it back as bytes arrive, so it only limits what is under way. */
const SESSION_WINDOW = 4_194_304;

/** Connects to `target`; for wss, offers `protocols` (ALPN). Rejects with `ERR_WS_UNREACHABLE`, or a UsageError. */
export function openConnection(
  target: Target,
  transport: TransportOptions,
  protocols: readonly string[],
  signal: AbortSignal,
): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect(target, transport, protocols);
    const abort = (): void => {
      socket.destroy();
      reject(signal.reason);
    };
    if (signal.aborted) return abort();
    signal.addEventListener('abort', abort);
    // Stays: a socket that waits for its next owner must not end the process.
    socket.on('error', (cause) => reject(failure(cause)));
    return socket.once(target.secure ? 'secureConnect' : 'connect', () => {
      signal.removeEventListener('abort', abort);
      resolve(socket);
    });
  });
}

/** The protocol that was agreed on; `h2` for a connection that is not secure, where nobody is asked. */
export function protocolOf(socket: Socket | TLSSocket): string | null {
  if (!('alpnProtocol' in socket)) return 'h2';
  return socket.alpnProtocol || null;
}

/** A session on `socket`, which it owns. */
export function openSession(target: Target, socket: Socket): ClientHttp2Session {
  const origin = `${target.secure ? 'https' : 'http'}://${target.host}`;
  const session = http2.connect(origin, {
    createConnection: () => socket,
    settings: { enablePush: false, initialWindowSize: STREAM_WINDOW },
  });
  session.on('error', ignoreErrors);
  session.once('connect', () => session.setLocalWindowSize(SESSION_WINDOW));
  return session;
}

/**
 * Whether the server of `session` takes extended CONNECT, once that is known. Its SETTINGS come before anything else it
 * sends (RFC 9113 §3.4), so what has acknowledged a PING has said it.
 */
export function takesWebSockets(session: ClientHttp2Session): Promise<boolean> {
  if (isAnnounced(session)) return Promise.resolve(true);
  return new Promise((resolve) => {
    const tell = (): void => {
      session.off('remoteSettings', tell).off('close', tell).off('connect', ping);
      resolve(isAnnounced(session));
    };
    const ping = (): void => {
      if (session.destroyed || !session.ping(tell)) tell();
    };
    session.once('remoteSettings', tell).once('close', tell);
    if (session.connecting) session.once('connect', ping);
    else ping();
  });
}

function isAnnounced(session: ClientHttp2Session): boolean {
  return !session.destroyed && !session.connecting && session.remoteSettings.enableConnectProtocol === true;
}

function connect(target: Target, transport: TransportOptions, protocols: readonly string[]): Socket {
  const { family, lookup, localAddress } = transport;
  const path = target.socketPath ?? transport.socketPath;
  const { hostname: host, port } = target;
  const where = path === undefined ? { host, port, family, lookup, localAddress } : { path };
  try {
    if (!target.secure) return net.connect(where as net.NetConnectOpts);
    const servername = net.isIP(host) === 0 ? host : '';
    return tls.connect({ servername, ...transport.tls, ...where, host, ALPNProtocols: [...protocols] });
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    throw new UsageError(`Node cannot make a connection with these options: ${message}.`);
  }
}
