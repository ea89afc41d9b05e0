/**
 * What of an HTTP server's traffic comes to us: upgrades of HTTP/1.1 and extended CONNECTs of HTTP/2.
 *
 * Knows: the events of Node's servers, who else listens to them, and that each request is answered once.
 * Does not know: who may come in (admission.ts), or what happens to those who do (server.ts).
 */
import type { Server as HttpServer, IncomingMessage } from 'node:http';
import type { Http2SecureServer, Http2Server, IncomingHttpHeaders, ServerHttp2Stream } from 'node:http2';
import type { Server as HttpsServer } from 'node:https';
import { Duplex } from 'node:stream';
import { flatFields } from './handshake/connect-head.js';
import { ConnectArrival } from './handshake/stream/connect-arrival.js';
import { UpgradeArrival } from './handshake/stream/upgrade-arrival.js';

/** An HTTP server whose WebSockets we take: http, https, http2, or what Express and Fastify run on. */
export type UpgradableServer = HttpServer | HttpsServer | Http2Server | Http2SecureServer;

/** An arrival over one version of HTTP or the other. */
export type AnyArrival = UpgradeArrival | ConnectArrival;

/** Where requests go. */
export interface Taker {
  isForUs(request: { readonly url?: string | undefined }): boolean;
  take(arrival: AnyArrival): void;
}

/** Marks our listeners, so that WebSocketServers that share an HTTP server know each other. */
const OWNER = Symbol('owner');

/** The listener by which Node turns streams into 'request' and 'connect'. It answers no CONNECT while 'connect' is listened to. */
const NODES_OWN = 'bound onServerStream';

type Listener = ((...args: unknown[]) => void) & { readonly [OWNER]?: Taker };

/** Listens to `http` from construction until `close`. */
export class Intake {
  readonly #http: UpgradableServer;
  readonly #taker: Taker;
  readonly #listeners: ReadonlyMap<string, Listener>;

  /** For an HTTP/2 server, it announces extended CONNECT to every session from now on (RFC 8441 §3). */
  constructor(http: UpgradableServer, taker: Taker) {
    this.#http = http;
    this.#taker = taker;
    const listeners: Record<string, unknown> = { upgrade: this.#onUpgrade };
    if ('updateSettings' in http) {
      http.updateSettings({ enableConnectProtocol: true });
      Object.assign(listeners, { stream: this.#onStream, connect: this.#onConnect });
    }
    this.#listeners = new Map(Object.entries(listeners) as [string, Listener][]);
    for (const [event, listener] of this.#listeners) http.on(event, Object.assign(listener, { [OWNER]: taker }));
  }

  /** Takes nothing any more. */
  close(): void {
    for (const [event, listener] of this.#listeners) this.#http.off(event, listener);
  }

  readonly #onUpgrade = (request: IncomingMessage, socket: Duplex, head: Buffer): void => {
    if (this.#isOurs(request, ['upgrade'])) this.#taker.take(new UpgradeArrival(request, socket, head));
  };

  readonly #onStream = (stream: ServerHttp2Stream, headers: IncomingHttpHeaders, _: number, raw?: string[]): void => {
    if (headers[':method'] !== 'CONNECT') return;
    const wanted = headers[':protocol'] === 'websocket' ? { url: headers[':path'] } : null;
    if (!this.#isOurs(wanted, ['stream', 'connect'])) return;
    const arrival = connectArrival(stream, headers, raw);
    // Not at once: a listener for all streams that comes after us may answer this one, and then it is not ours. In a turn
    // of its own, so that bytes which came in the same packet are seen before the answer.
    setImmediate(() => this.#taker.take(arrival));
  };

  /** Over HTTP/1.1, a tunnel that nobody wants: Node would have cut it off, had we not listened. */
  readonly #onConnect = (_request: object, connection: object): void => {
    if (connection instanceof Duplex && !this.#hasStrangers(['connect'])) connection.destroy();
  };

  /** The first of us with that path takes it. What nobody wants is refused once, unless a stranger may want it. */
  #isOurs(request: { readonly url?: string | undefined } | null, events: readonly string[]): boolean {
    // Nobody else listens: it is ours, to take or to refuse.
    if (events.every((event) => this.#http.listenerCount(event) === 1)) return true;
    const owners = this.#http.listeners(events[0] ?? '').flatMap((one) => (one as Listener)[OWNER] ?? []);
    const first = request === null ? undefined : owners.find((one) => one.isForUs(request));
    const refuser = this.#hasStrangers(events) ? undefined : owners[0];
    return (first ?? refuser) === this.#taker;
  }

  #hasStrangers(events: readonly string[]): boolean {
    const listeners = events.flatMap((event) => this.#http.listeners(event));
    return listeners.some((one) => !(OWNER in one) && one.name !== NODES_OWN);
  }
}

/** The arguments of a 'stream' event; without the last one, what Node made of it. */
export function connectArrival(
  stream: ServerHttp2Stream,
  headers: IncomingHttpHeaders,
  raw: readonly string[] = flatFields(headers),
): ConnectArrival {
  return new ConnectArrival(stream, raw);
}
