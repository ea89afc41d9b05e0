/**
 * The demo's server: one port for the page, for the echo, and for what the page is told about it.
 *
 * Knows: which path is what, how many connections there may be, and how to stop.
 * Does not know: frames (room.ts), files (site.ts), the process (src/cli/run/serve-command.ts).
 */
import { Buffer } from 'node:buffer';
import type { IncomingMessage } from 'node:http';
import type { IncomingHttpHeaders, ServerHttp2Stream } from 'node:http2';
import type { AddressInfo } from 'node:net';
import { Duplex } from 'node:stream';
import { CloseCode } from '../codec/close-code.js';
import { connectJudge } from '../handshake/judge-connect.js';
import { requestJudge } from '../handshake/judge-request.js';
import { ConnectArrival } from '../handshake/stream/connect-arrival.js';
import { endWith } from '../handshake/stream/linger.js';
import { ServerUpgrade } from '../handshake/stream/server-upgrade.js';
import { refused } from '../handshake/verdict.js';
import { Feed } from './feed.js';
import { Front, type Secrets } from './front.js';
import { runLabCase } from './lab-client.js';
import { MessageLine } from './message-line.js';
import { MAX_ECHO_BYTES, Room, type SocketName } from './room.js';
import { Site } from './site.js';
import { Valve } from './valve.js';

const MAX_CONNECTIONS = 256;
const MAX_COMMAND_BYTES = 1_024;
const NOT_FOUND = Buffer.from('HTTP/1.1 404 Not Found\r\nConnection: close\r\nContent-Length: 0\r\n\r\n');
const ID = /^[0-9a-f]{32}$/;
/** Connections have a second to answer a close frame; what is left after that is cut off. */
const PATIENCE_MS = 1_500;
const JUDGES = { upgrade: requestJudge({ secure: true }), connect: connectJudge({ secure: true }) };

/** What a request for a WebSocket asks for: which socket, of which page. */
interface Place {
  readonly name: SocketName;
  readonly id: string;
}

/** An HTTP server with the page on it, and every WebSocket that came through it. */
export class DemoServer {
  readonly #front: Front;
  readonly #rooms = new Map<string, Room>();
  readonly #lines = new Set<MessageLine>();

  /**
   * `pages` is the folder with index.html; throws when it cannot be read. With `secrets` it is TLS, and HTTP/2 for those
   * who can.
   */
  constructor(pages: URL, secrets: Secrets | null = null) {
    this.#front = new Front(new Site(pages).answer, secrets);
    const { server } = this.#front;
    server.maxConnections = MAX_CONNECTIONS;
    server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) =>
      this.#upgrade(request, socket, head),
    );
    server.on('stream', this.#onStream);
    // Without a listener Node answers every CONNECT of HTTP/2 itself. One of HTTP/1.1 wants a tunnel: there is none.
    server.on('connect', (_: object, connection: object) => {
      if (connection instanceof Duplex) connection.destroy();
    });
  }

  /** Resolves to the page's address; rejects when the port cannot be had. Port 0 takes any free one. */
  listen(port: number, host: string): Promise<URL> {
    return new Promise((resolve, reject) => {
      this.#front.server.once('error', reject);
      this.#front.server.listen(port, host, () => resolve(this.#url(host)));
    });
  }

  /** Closes every WebSocket with 1001 and resolves when all connections are gone. */
  stop(): Promise<void> {
    for (const line of this.#lines) line.close(CloseCode.goingAway, 'The demo server stops.');
    setTimeout(() => this.#front.cutOff(), PATIENCE_MS).unref();
    return this.#front.close();
  }

  #url(host: string): URL {
    const { port } = this.#front.server.address() as AddressInfo;
    const scheme = this.#front.isSecure ? 'https' : 'http';
    return new URL(`${scheme}://${host.includes(':') ? `[${host}]` : host}:${port}/`);
  }

  #upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    const place = placeOf(request);
    if (place === null) {
      endWith(socket, NOT_FOUND);
      return;
    }
    const bytes = ServerUpgrade.fromRequest(request, socket, head);
    // A refusal has been answered, and a cut connection has nobody to be told: neither is this process's problem.
    bytes.on('error', () => {});
    bytes.once('upgrade', () => this.#open(bytes, place, request));
  }

  /** The bytes of a stream of HTTP/2 are the wire as much as those of a socket, so the same stages take them. */
  readonly #onStream = (stream: ServerHttp2Stream, headers: IncomingHttpHeaders, _: number, raw: string[]): void => {
    if (headers[':method'] !== 'CONNECT') return;
    const arrival = new ConnectArrival(stream, raw);
    // In a turn of its own, so that bytes which came too early in the same packet are seen before the answer.
    setImmediate(() => this.#answer(arrival));
  };

  #answer(arrival: ConnectArrival): void {
    if (arrival.isGone) return;
    const place = placeOf(arrival.request);
    const terms = arrival.judge(JUDGES);
    const isFull = this.#lines.size >= MAX_CONNECTIONS;
    if (place === null) arrival.refuse({ status: 404 });
    else if (!terms.accepted) arrival.refuse(terms);
    else if (isFull) arrival.refuse(refused(503, 'There are too many WebSockets.'));
    else this.#accept(arrival, place, arrival.objection() ?? terms);
  }

  #accept(arrival: ConnectArrival, place: Place, verdict: ReturnType<ConnectArrival['judge']>): void {
    if (!verdict.accepted) {
      arrival.refuse(verdict);
      return;
    }
    const bytes = arrival.accept(verdict, {});
    bytes.on('error', () => {});
    this.#open(bytes, place, arrival.request);
  }

  #open(bytes: Duplex, { name, id }: Place, request: IncomingMessage): void {
    if (name === 'frames') this.#watch(bytes, id);
    else this.#echo(bytes, id, name);
    this.#rooms.get(id)?.introduce(name, request.httpVersionMajor === 2 ? 'HTTP/2' : 'HTTP/1.1', this.#front.isSecure);
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

  #echo(bytes: Duplex, id: string, connection: 'echo' | 'lab'): void {
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
    const { address, family } = this.#front.server.address() as AddressInfo;
    const any = address === '0.0.0.0' || address === '::';
    const url = this.#url(any ? (family === 'IPv6' ? '::1' : '127.0.0.1') : address);
    return new URL(`/echo?watch=${id}&lab`, url);
  }
}

/** Null for a path where no WebSocket lives. */
function placeOf({ url = '' }: IncomingMessage): Place | null {
  const [path, search] = url.split('?', 2);
  const query = new URLSearchParams(search);
  const id = query.get('watch') ?? '';
  if (path === '/frames' && ID.test(id)) return { name: 'frames', id };
  if (path !== '/echo') return null;
  return { name: query.has('lab') ? 'lab' : 'echo', id };
}
