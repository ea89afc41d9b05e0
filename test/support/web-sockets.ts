/**
 * WebSockets for tests, and what became of them. Everything opened here is closed after each test.
 *
 * Knows: transports (TCP, memory), servers on 127.0.0.1, how to count errors.
 * Does not know: what is right.
 */
import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type Duplex, duplexPair } from 'node:stream';
import { type ConnectOptions, connect } from '../../src/client.js';
import type { CloseInfo } from '../../src/duplex/closing.js';
import type { ReadAs, WebSocketDuplexOptions } from '../../src/duplex/options.js';
import { WebSocketDuplex } from '../../src/duplex/websocket-duplex.js';
import type { WebSocketError } from '../../src/errors.js';
import { type CreateServerOptions, createServer, type WebSocketServer } from '../../src/server.js';
import { RawPeer } from './raw-peer.js';
import { socketPair } from './socket-pair.js';

type Cleanup = () => unknown;

const cleanups: Cleanup[] = [];

/** Runs after the current test, whatever its outcome. */
export function afterTest(cleanup: Cleanup): void {
  cleanups.push(cleanup);
}

afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

/** The two ends of a connection of bytes. */
export type Ends = readonly [near: Duplex, far: Duplex];

async function tcp(): Promise<Ends> {
  const { near, far } = await socketPair();
  return [near, far];
}

/** What a WebSocket may run over. */
export const TRANSPORTS: readonly { readonly name: string; readonly open: () => Promise<Ends> }[] = [
  { name: 'TCP', open: tcp },
  { name: 'memory', open: async () => duplexPair() },
  { name: 'HTTP/2', open: async () => (await import('./http2.js')).http2Ends() },
];

export interface Facing<How extends ReadAs = 'message'> {
  readonly ws: WebSocketDuplex<How>;
  readonly peer: RawPeer;
}

export type FacingOptions<How extends ReadAs = 'message'> = Partial<WebSocketDuplexOptions<How>> & {
  readonly ends?: Ends | undefined;
  /** False: the peer reads nothing until `peer.read()`. */
  readonly reading?: boolean | undefined;
};

/** A WebSocketDuplex, server unless told otherwise and without keepalive, that faces a peer by hand. */
export async function facing<How extends ReadAs = 'message'>({
  ends,
  reading = true,
  ...options
}: FacingOptions<How> = {}): Promise<Facing<How>> {
  const [near, far] = ends ?? (await tcp());
  const role = options.role ?? 'server';
  const ws = new WebSocketDuplex<How>({ keepAlive: false, ...options, role, transport: near });
  const peer = new RawPeer(far, role === 'server' ? 'client' : 'server', reading);
  afterTest(() => {
    for (const stream of [ws, near, far]) stream.destroy();
  });
  return { ws, peer };
}

export interface BothOptions<Client extends ReadAs = 'message', Server extends ReadAs = 'message'> {
  readonly client?: Partial<WebSocketDuplexOptions<Client>>;
  readonly server?: Partial<WebSocketDuplexOptions<Server>>;
  readonly ends?: Ends;
}

/** Two WebSocketDuplexes that face each other, over TCP unless told otherwise. */
export async function both<Client extends ReadAs = 'message', Server extends ReadAs = 'message'>(
  options: BothOptions<Client, Server> = {},
): Promise<{ client: WebSocketDuplex<Client>; server: WebSocketDuplex<Server> }> {
  const [near, far] = options.ends ?? (await tcp());
  const client = new WebSocketDuplex<Client>({ keepAlive: false, ...options.client, role: 'client', transport: near });
  const server = new WebSocketDuplex<Server>({ keepAlive: false, ...options.server, role: 'server', transport: far });
  afterTest(() => {
    for (const stream of [client, server, near, far]) stream.destroy();
  });
  return { client, server };
}

export interface Serving<How extends ReadAs = 'message'> {
  readonly server: WebSocketServer<How>;
  readonly url: string;
  readonly port: number;
}

/** A server on 127.0.0.1, which is closed after the test. */
export async function serving<How extends ReadAs = 'message'>(
  options: CreateServerOptions<How> = {},
  onConnection?: (ws: WebSocketDuplex<How>, request: IncomingMessage) => void,
): Promise<Serving<How>> {
  const server = createServer(options, onConnection);
  server.listen(0, '127.0.0.1');
  afterTest(() => {
    for (const ws of server.connections) ws.destroy();
    return server.close({ timeoutMs: 100 });
  });
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return { server, port, url: `ws://127.0.0.1:${port}` };
}

/** `connect`, destroyed after the test. */
export function connected<How extends ReadAs = 'message'>(
  url: string,
  options: ConnectOptions<How> = {},
): WebSocketDuplex<How> {
  const ws = connect(url, options);
  afterTest(() => ws.destroy());
  return ws;
}

export interface Life {
  readonly errors: readonly WebSocketError[];
  /** Events in order, each once it has come: 'end', 'finish', 'error', 'close'. */
  readonly events: readonly string[];
  /** What it says at the end; resolves after 'close'. */
  readonly over: Promise<CloseInfo>;
}

/** Watches how a WebSocket ends, without reading from it. */
export function lifeOf(ws: WebSocketDuplex<ReadAs>): Life {
  const errors: WebSocketError[] = [];
  const events: string[] = [];
  ws.on('error', (error: WebSocketError) => errors.push(error));
  for (const event of ['end', 'finish', 'error', 'close']) ws.on(event, () => events.push(event));
  const over = new Promise<CloseInfo>((resolve) => ws.once('close', () => resolve(ws.closed)));
  return { errors, events, over };
}

/** The next item that a WebSocket yields. */
export async function next(ws: WebSocketDuplex<ReadAs>): Promise<unknown> {
  const iterator = ws.iterator({ destroyOnReturn: false });
  const { value } = await iterator.next();
  await iterator.return?.();
  return value;
}
