/**
 * The demo's server: one port for the page, for the echo, and for what the page is told about it.
 *
 * Knows: which path is what, how many connections there may be, and how to stop.
 * Does not know: frames (room.ts), files (site.ts), the process (main.ts).
 */
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { CloseCode } from '../codec/close-code.js';
import { endWith } from '../handshake/stream/linger.js';
import { ServerUpgrade } from '../handshake/stream/server-upgrade.js';
import { Feed } from './feed.js';
import { runLabCase } from './lab-client.js';
import { MessageLine } from './message-line.js';
import { type Connection, MAX_ECHO_BYTES, Room } from './room.js';
import { Site } from './site.js';
import { Valve } from './valve.js';

const MAX_CONNECTIONS = 256;
const MAX_COMMAND_BYTES = 1_024;
const NOT_FOUND = Buffer.from('HTTP/1.1 404 Not Found\r\nConnection: close\r\nContent-Length: 0\r\n\r\n');
const ID = /^[0-9a-f]{32}$/;

/** An http.Server with the page on it, and every WebSocket that came through it. */
export class DemoServer {
  readonly #http: Server;
  readonly #rooms = new Map<string, Room>();
  readonly #lines = new Set<MessageLine>();

  /** `pages` is the folder with index.html. Throws when it cannot be read. */
  constructor(pages: URL) {
    this.#http = createServer(new Site(pages).answer);
    this.#http.maxConnections = MAX_CONNECTIONS;
    this.#http.on('upgrade', (request, socket, head) => this.#upgrade(request, socket, head));
  }

  /** Resolves to the page's address; rejects when the port cannot be had. Port 0 takes any free one. */
  listen(port: number, host: string): Promise<URL> {
    return new Promise((resolve, reject) => {
      this.#http.once('error', reject);
      this.#http.listen(port, host, () => resolve(this.#url('http:', host)));
    });
  }

  /** Closes every WebSocket with 1001 and resolves when all connections are gone. */
  stop(): Promise<void> {
    for (const line of this.#lines) line.close(CloseCode.goingAway, 'The demo server stops.');
    return new Promise((resolve) => {
      this.#http.close(() => resolve());
      this.#http.closeIdleConnections();
    });
  }

  #url(scheme: string, host: string): URL {
    const { port } = this.#http.address() as AddressInfo;
    return new URL(`${scheme}//${host.includes(':') ? `[${host}]` : host}:${port}/`);
  }

  #upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    const [path, search] = (request.url ?? '').split('?', 2);
    const query = new URLSearchParams(search);
    const id = query.get('watch') ?? '';
    const watches = path === '/frames' && ID.test(id);
    if (!watches && path !== '/echo') {
      endWith(socket, NOT_FOUND);
      return;
    }
    const bytes = ServerUpgrade.fromRequest(request, socket, head);
    // A refusal has been answered, and a cut connection has nobody to be told: neither is this process's problem.
    bytes.on('error', () => {});
    bytes.once('upgrade', () => {
      if (watches) this.#watch(bytes, id);
      else this.#echo(bytes, id, query.has('lab') ? 'lab' : 'echo');
    });
  }

  #watch(bytes: Duplex, id: string): void {
    const line = this.#track(bytes, new MessageLine(bytes, { maxMessageBytes: MAX_COMMAND_BYTES }));
    const room = new Room(new Feed(line.out), (labCase) => runLabCase(this.#labUrl(id), labCase));
    this.#rooms.get(id)?.leave();
    this.#rooms.set(id, room);
    bytes.once('close', () => {
      room.leave();
      if (this.#rooms.get(id) === room) this.#rooms.delete(id);
    });
    line.start(room.commands(() => line.out.end()));
  }

  #echo(bytes: Duplex, id: string, connection: Connection): void {
    const room = this.#rooms.get(id);
    if (room !== undefined) {
      this.#track(bytes, room.attach(bytes, connection));
      return;
    }
    const line = this.#track(bytes, new MessageLine(bytes, { maxMessageBytes: MAX_ECHO_BYTES }));
    line.start(new Valve(line.out));
  }

  #track(bytes: Duplex, line: MessageLine): MessageLine {
    this.#lines.add(line);
    bytes.once('close', () => this.#lines.delete(line));
    return line;
  }

  #labUrl(id: string): URL {
    const { address, family } = this.#http.address() as AddressInfo;
    const any = address === '0.0.0.0' || address === '::';
    const url = this.#url('http:', any ? (family === 'IPv6' ? '::1' : '127.0.0.1') : address);
    return new URL(`/echo?watch=${id}&lab`, url);
  }
}
