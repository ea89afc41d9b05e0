/**
 * `createServer`: WebSockets from an HTTP server, our own or a given one.
 *
 * Knows: which requests are for us, which connections are open, how to drain them.
 * Does not know: who may come in (admission.ts), or frames (src/duplex).
 */
import { EventEmitter } from 'node:events';
import { createServer as createHttpServer, type Server as HttpServer, type IncomingMessage } from 'node:http';
import type { IncomingHttpHeaders, ServerHttp2Stream } from 'node:http2';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { Admission, type Admitted, DEFAULT_HANDSHAKE_TIMEOUT_MS, refuseAll, type ServerOptions } from './admission.js';
import { encodeClose } from './codec/close-code.js';
import { milliseconds } from './codec/limits.js';
import { ConnectionQueue, type ServerEvents } from './connection-queue.js';
import { deflateNegotiator } from './deflate/negotiate.js';
import { FoldedRequest } from './duplex/folded-request.js';
import type { ReadAs } from './duplex/options.js';
import { Shared } from './duplex/shared.js';
import { WebSocketDuplex } from './duplex/websocket-duplex.js';
import type { Terms } from './handshake/judge-request.js';
import { UpgradeArrival } from './handshake/stream/upgrade-arrival.js';
import { type AnyArrival, connectArrival, Intake, type UpgradableServer } from './intake.js';

/** Options of `createServer`, and on whose port it listens. */
export interface CreateServerOptions<How extends ReadAs = 'message'> extends ServerOptions<How> {
  /**
   * Takes the WebSockets of this server, which stays its owner's: `listen` and `close` do not touch it. An http2 server is
   * made to announce extended CONNECT; with `allowHTTP1: true` it serves both. Default: an http.Server of our own.
   */
  readonly server?: UpgradableServer | undefined;
}

/** How `WebSocketServer.close` closes. */
export interface DrainOptions {
  /** The close code for every connection. Default 1001. */
  readonly code?: number | undefined;
  /** Why, for the peer: at most 123 bytes of UTF-8 (RFC 6455 §5.5). Default none. */
  readonly reason?: string | undefined;
  /** Milliseconds until connections that have not closed are cut off. Default 5,000; `Infinity` allowed. */
  readonly timeoutMs?: number | undefined;
}

/** Called for each new connection. One that takes no `request` makes the connection lighter: `ws.request` has it still. */
export type ConnectionListener<How extends ReadAs = 'message'> = (
  ws: WebSocketDuplex<How>,
  request: IncomingMessage,
) => void;

/**
 * Makes a server. `onConnection` is a listener for 'connection'.
 * @throws UsageError for a bad option.
 */
export function createServer<How extends ReadAs = 'message'>(
  options: CreateServerOptions<How>,
  onConnection?: ConnectionListener<How>,
): WebSocketServer<How>;
export function createServer(onConnection?: ConnectionListener): WebSocketServer;
export function createServer<How extends ReadAs>(
  first: CreateServerOptions<How> | ConnectionListener<How> = {},
  onConnection?: ConnectionListener<How>,
): WebSocketServer<How> {
  if (typeof first === 'function') return createServer<How>({}, first);
  const server = new WebSocketServer(first);
  if (onConnection !== undefined) server.on('connection', onConnection);
  return server;
}

/** WebSockets from an http server, its own or a given one. Its events are ServerEvents. */
export class WebSocketServer<How extends ReadAs = 'message'> extends EventEmitter<ServerEvents<How>> {
  readonly #admission: Admission;
  readonly #shared: Shared;
  readonly #http: UpgradableServer;
  /** The same, when it is our own. */
  readonly #own: HttpServer | null;
  readonly #connections = new Set<WebSocketDuplex<How>>();
  /** Sockets whose WebSocket is closed and whose peer has not let go yet. */
  readonly #leaving = new Set<Duplex>();
  readonly #intake: Intake;
  #isCutOff = false;
  #isClosed = false;
  #drained: Promise<void> | null = null;

  constructor(options: CreateServerOptions<How>) {
    super();
    this.#shared = new Shared(options, null, (ws, socket) => this.#leave(ws as WebSocketDuplex<How>, socket));
    const { deflate } = this.#shared.settings;
    this.#admission = new Admission(
      deflate === null ? options : { ...options, extensions: deflateNegotiator(deflate) },
    );
    const own = options.server === undefined ? ownHttpServer(options.handshakeTimeoutMs) : null;
    this.#own = own;
    this.#http = options.server ?? (own as HttpServer);
    this.#intake = new Intake(this.#http, {
      isForUs: (request) => this.#admission.isForUs(request),
      take: (arrival) => this.#take(arrival),
    });
    this.#own?.on('listening', () => this.emit('listening'));
    this.#own?.on('error', (error) => this.emit('error', error));
  }

  /** The connections that are open. */
  get connections(): ReadonlySet<WebSocketDuplex<How>> {
    return this.#connections;
  }

  /** Listens as http.Server.listen does, whose arguments it takes. */
  listen(...where: Parameters<HttpServer['listen']> | unknown[]): this {
    (this.#http.listen as (...all: unknown[]) => unknown).apply(this.#http, where);
    return this;
  }

  /** As http.Server.address. */
  address(): AddressInfo | string | null {
    return this.#http.address();
  }

  /** Takes one upgrade request, as an http.Server's 'upgrade' event gives it, and answers it. Owns `socket` from now on. */
  handleUpgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    this.#take(new UpgradeArrival(request, socket, head));
  }

  /**
   * Takes one extended CONNECT, as an http2 server's 'stream' event gives it, and answers it. Owns `stream` from now on.
   * `rawHeaders`, the event's fourth argument, lets fields that came twice be seen.
   */
  handleStream(
    stream: ServerHttp2Stream,
    headers: IncomingHttpHeaders,
    _flags?: number,
    rawHeaders?: readonly string[],
  ): void {
    this.#take(connectArrival(stream, headers, rawHeaders));
  }

  /**
   * Stops taking connections, closes those that are open (1001 after what was written), cuts off those that have not
   * closed in time, and resolves when all are gone, and our own http.Server too. A second call gets the same promise.
   * @throws UsageError for a close code that must not be sent.
   */
  close({ code = 1001, reason = '', timeoutMs }: DrainOptions = {}): Promise<void> {
    encodeClose(code, reason);
    const deadlineMs = milliseconds('timeoutMs', timeoutMs, 5_000);
    this.#drained ??= this.#drain(code, reason, deadlineMs);
    return this.#drained;
  }

  /** Every connection from now on, until the server closes. Leaving the loop leaves the server as it is. */
  [Symbol.asyncIterator](): AsyncIterableIterator<WebSocketDuplex<How>> {
    return new ConnectionQueue(this, this.#isClosed);
  }

  #take(arrival: AnyArrival): void {
    if (this.#drained !== null) {
      refuseAll(arrival);
      return;
    }
    const refused = (error: unknown) => this.emit('refused', error as Error, arrival.request);
    if (this.#admission.asks) {
      const admitted: Promise<Admitted | null> = this.#admission.admit<Terms>(arrival);
      admitted.then((client) => this.#open(client), refused);
      return;
    }
    let client: Admitted | null;
    try {
      client = this.#admission.admitAtOnce<Terms>(arrival);
    } catch (error) {
      refused(error);
      return;
    }
    this.#open(client);
  }

  #open(client: Admitted | null): void {
    if (client === null) return;
    const { request, socket, head, agreement } = client;
    const ws = new WebSocketDuplex<How>({
      role: 'server',
      shared: this.#shared,
      transport: socket,
      head,
      agreement: this.#isUnseen(request) ? new FoldedRequest(agreement, request) : { ...agreement, request },
    });
    if (!ws.destroyed) this.#connections.add(ws);
    if (this.#drained !== null) ws.close(1001);
    this.emit('connection', ws, request);
  }

  /** True when it came through our own http.Server and nobody but us has had it in hand, nor will have. */
  #isUnseen({ socket }: IncomingMessage): boolean {
    const isOurs = this.#own !== null && 'server' in socket && socket.server === this.#own;
    return isOurs && !this.#admission.asks && this.listeners('connection').every((one) => one.length === 1);
  }

  #leave(ws: WebSocketDuplex<How>, socket: Duplex): void {
    this.#connections.delete(ws);
    if (socket.destroyed) return;
    this.#leaving.add(socket);
    socket.once('close', () => this.#leaving.delete(socket));
    if (this.#isCutOff) socket.destroy();
  }

  #cutOff(): void {
    this.#isCutOff = true;
    for (const one of [...this.#connections, ...this.#leaving]) one.destroy();
    this.#own?.closeAllConnections();
  }

  async #drain(code: number, reason: string, timeoutMs: number): Promise<void> {
    this.#intake.close();
    const httpClosed = closed(this.#own);
    const timer = timeoutMs === Number.POSITIVE_INFINITY ? undefined : setTimeout(() => this.#cutOff(), timeoutMs);
    await Promise.all(Array.from(this.#connections, (ws) => ws.close(code, reason)));
    await httpClosed;
    clearTimeout(timer);
    this.#isClosed = true;
    this.emit('close');
  }
}

/** An http.Server that answers everything but an upgrade with 426. */
function ownHttpServer(handshakeTimeoutMs = DEFAULT_HANDSHAKE_TIMEOUT_MS): HttpServer {
  // Node spells "no limit" as 0, and looks for late requests only every `connectionsCheckingInterval`.
  const limit = handshakeTimeoutMs === Number.POSITIVE_INFINITY ? 0 : handshakeTimeoutMs;
  const timeouts = {
    headersTimeout: limit,
    requestTimeout: limit,
    connectionsCheckingInterval: Math.min(limit || 30_000, 1_000),
  };
  return createHttpServer(timeouts, (_, response) => {
    const body = 'This server speaks WebSocket.\n';
    response
      .writeHead(426, { Connection: 'close, Upgrade', Upgrade: 'websocket', 'Content-Type': 'text/plain' })
      .end(body);
  });
}

function closed(server: HttpServer | null): Promise<void> {
  return new Promise((resolve) => {
    if (!server?.listening) resolve();
    else server.close(() => resolve());
  });
}
