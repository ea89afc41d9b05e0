/**
 * Where a peer and we meet: one puppet in one role, we in the other.
 *
 * Knows: how a connection is made whichever side dials, and how to end all of them.
 * Does not know: what is said there.
 */
import { once } from 'node:events';
import { createServer as createHttpServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { connect } from '../../../src/client.js';
import type { Role } from '../../../src/codec/frame.js';
import type { WebSocketOptions } from '../../../src/duplex/options.js';
import type { WebSocketDuplex } from '../../../src/duplex/websocket-duplex.js';
import { type CreateServerOptions, createServer, type WebSocketServer } from '../../../src/server.js';
import type { RunningProxy } from './proxies.js';
import { base64, type Order, type Puppet, type Report } from './puppet.js';

export interface MeetOptions {
  /** Options of our socket, all else at its default. */
  readonly ours?: WebSocketOptions;
  /** What the client offers; the server, ours or theirs, knows `chat`. */
  readonly subprotocols?: readonly string[];
  /** The peer offers compression. A peer that is a server takes it when we offer it. */
  readonly compress?: boolean;
}

/** One connection, seen from both sides. */
export interface Meeting {
  readonly ws: WebSocketDuplex;
  /** What the peer said when it opened. */
  readonly opened: Report;
  tell(order: Order): void;
  /** The peer sends this message. */
  send(type: 'text' | 'binary', payload: string | Uint8Array): void;
  /** The peer's next report of this event. */
  next(event: Report['event']): Promise<Report>;
}

/** Starts what stands before our server's port. */
export type Between = (port: number) => Promise<RunningProxy>;

export class Stage {
  readonly role: Role;
  readonly version: string;
  readonly #puppet: Puppet;
  readonly #port: number | null;
  readonly #between: Between | null;
  readonly #endings: (() => unknown)[] = [];
  #connections = 0;

  private constructor(role: Role, puppet: Puppet, { version, port }: Report, between: Between | null) {
    this.#between = between;
    this.role = role;
    this.version = version ?? '';
    this.#puppet = puppet;
    this.#port = port ?? null;
  }

  /** `role` is the peer's. A peer that is a client meets our server through `between`. */
  static async open(role: Role, puppet: Puppet, between: Between | null = null): Promise<Stage> {
    return new Stage(role, puppet, await puppet.reports.next('ready'), between);
  }

  /** A connection with the peer, opened on both sides. */
  meet(options: MeetOptions = {}): Promise<Meeting> {
    return this.role === 'server' ? this.#dial(options) : this.#listen(options);
  }

  /** The peer, a server, refuses us: our error. */
  refused(): Promise<unknown> {
    const ws = connect(`${this.#url}/refused`);
    this.#endings.push(() => ws.destroy());
    return ws.opened.catch((error: unknown) => error);
  }

  /** We refuse the peer, a client of a foreign origin: what it reports. */
  async refuse(): Promise<Report> {
    const { port } = await this.#serve({});
    const origin = `http://localhost:${port}`;
    return this.#order({ order: 'connect', url: `ws://127.0.0.1:${port}/`, origin }, ['refused', 'error', 'close']);
  }

  async end(): Promise<void> {
    for (const end of this.#endings.splice(0).reverse()) await end();
  }

  get #url(): string {
    return `ws://127.0.0.1:${this.#port}`;
  }

  async #dial({ ours, subprotocols }: MeetOptions): Promise<Meeting> {
    const offer = subprotocols === undefined ? {} : { subprotocols };
    const ws = connect(this.#url, { ...ours, ...offer });
    this.#endings.push(() => ws.destroy());
    const id = ++this.#connections;
    await ws.opened;
    return this.#meeting(ws, await this.#puppet.reports.next('open', id));
  }

  async #listen({ ours = {}, subprotocols, compress = false }: MeetOptions): Promise<Meeting> {
    const { server, port } = await this.#serve({ ...ours, subprotocols: ['chat'] });
    const accepted = once(server, 'connection') as Promise<[WebSocketDuplex]>;
    const offer = subprotocols === undefined ? {} : { subprotocols };
    const opened = await this.#order({ order: 'connect', url: `ws://127.0.0.1:${port}/`, compress, ...offer }, [
      'open',
      'error',
    ]);
    if (opened.event !== 'open') throw new Error(`The peer did not open: ${opened.error}`);
    const [ws] = await accepted;
    return this.#meeting(ws, opened);
  }

  /** Our server, next to a page that Chromium can load. */
  async #serve(options: CreateServerOptions): Promise<{ server: WebSocketServer; port: number }> {
    const http = createHttpServer((_, response) =>
      response.setHeader('Content-Type', 'text/html').end('<!doctype html>'),
    );
    const server = createServer({ ...options, server: http });
    http.listen(0, '127.0.0.1');
    this.#endings.push(async () => {
      for (const ws of server.connections) ws.destroy();
      await server.close({ timeoutMs: 100 });
      http.closeAllConnections();
      http.close();
    });
    await once(http, 'listening');
    const { port } = http.address() as AddressInfo;
    if (this.#between === null) return { server, port };
    const proxy = await this.#between(port);
    this.#endings.push(() => proxy.stop());
    return { server, port: proxy.port };
  }

  /** Tells a client to connect, and waits for the first of `events`. */
  #order(order: Order, events: readonly Report['event'][]): Promise<Report> {
    const id = ++this.#connections;
    this.#puppet.tell(order);
    return Promise.race(events.map((event) => this.#puppet.reports.next(event, id)));
  }

  #meeting(ws: WebSocketDuplex, opened: Report): Meeting {
    ws.on('error', () => {});
    const tell = (order: Order) => this.#puppet.tell(order);
    return {
      ws,
      opened,
      tell,
      send: (type, payload) => tell({ order: type, base64: base64(payload) }),
      next: (event) => this.#puppet.reports.next(event, opened.id),
    };
  }
}
