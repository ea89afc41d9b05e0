/**
 * The HTTP server in front: HTTP/1.1, or TLS with HTTP/2 and HTTP/1.1 on one port, which ALPN tells apart.
 *
 * Knows: how to make either, and how to be rid of connections that Node's own `close` would wait for.
 * Does not know: pages, WebSockets, where a certificate comes from.
 */
import { createServer, type Server as HttpServer, type RequestListener } from 'node:http';
import {
  createSecureServer,
  type Http2SecureServer,
  type Http2ServerRequest,
  type Http2ServerResponse,
  type ServerHttp2Session,
} from 'node:http2';
import type { Socket } from 'node:net';

/** A certificate chain and its private key, both in PEM. */
export interface Secrets {
  readonly cert: string | Buffer;
  readonly key: string | Buffer;
}

/** Streams that one client may have open at a time on one connection. */
const MAX_STREAMS = 100;

/** Not listening yet. With `secrets` it is TLS. */
export class Front {
  readonly server: HttpServer | Http2SecureServer;
  readonly isSecure: boolean;
  readonly #sockets = new Set<Socket>();
  readonly #sessions = new Set<ServerHttp2Session>();

  /** `answer` gets the requests of both versions. Throws for secrets that OpenSSL does not take. */
  constructor(answer: RequestListener, secrets: Secrets | null) {
    this.isSecure = secrets !== null;
    this.server = secrets === null ? createServer(answer) : this.#secureServer(answer, secrets);
  }

  /** Stops listening, and resolves when all connections are gone; those that are idle are closed now. */
  close(): Promise<void> {
    const { server } = this;
    const gone = new Promise<void>((resolve) => {
      server.close(() => resolve());
    });
    if ('closeIdleConnections' in server) server.closeIdleConnections();
    for (const session of this.#sessions) session.close();
    return gone;
  }

  /** Destroys the connections that are left. A plain server's WebSockets stay: Node does not count them as its own. */
  cutOff(): void {
    if ('closeAllConnections' in this.server) this.server.closeAllConnections();
    for (const socket of this.#sockets) socket.destroy();
  }

  #secureServer(answer: RequestListener, { cert, key }: Secrets): Http2SecureServer {
    const settings = { enableConnectProtocol: true, maxConcurrentStreams: MAX_STREAMS };
    // Node's request and response of HTTP/2 have the methods of those of HTTP/1.1, but are not declared as such.
    const either = answer as unknown as (request: Http2ServerRequest, response: Http2ServerResponse) => void;
    const server = createSecureServer({ cert, key, allowHTTP1: true, settings }, either);
    server.on('secureConnection', (socket: Socket) => keepUntilClose(this.#sockets, socket));
    server.on('session', (session) => keepUntilClose(this.#sessions, session));
    return server;
  }
}

function keepUntilClose<T extends Socket | ServerHttp2Session>(all: Set<T>, one: T): void {
  all.add(one);
  one.once('close', () => all.delete(one));
}
