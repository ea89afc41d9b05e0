/**
 * HTTP/2 for tests: sessions over cleartext on 127.0.0.1 or over TLS, requests by hand. Everything opened here is closed
 * after each test.
 *
 * Knows: Node's http2 module. What that does not let one send is in raw-http2.ts.
 * Does not know: the code under test, but for the server that it starts.
 */
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import http2, { type ClientHttp2Session, type ClientHttp2Stream, type OutgoingHttpHeaders } from 'node:http2';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import type { Duplex } from 'node:stream';
import { Http2Transport } from '../../src/handshake/stream/http2-transport.js';
import {
  type ConnectionListener,
  type CreateServerOptions,
  createServer,
  type WebSocketServer,
} from '../../src/server.js';
import { afterTest, type Ends } from './web-sockets.js';

/** A certificate for localhost and 127.0.0.1 that nobody has signed, and its key. */
export const IDENTITY = {
  key: readFileSync(join(__dirname, 'tls/key.pem')),
  cert: readFileSync(join(__dirname, 'tls/cert.pem')),
};

export interface Http2Serving {
  readonly http: http2.Http2Server | http2.Http2SecureServer;
  readonly server: WebSocketServer;
  readonly port: number;
  /** `http://127.0.0.1:…`, or https. */
  readonly origin: string;
  /** Cuts all connections, without a word of HTTP/2. */
  cut(): void;
  /** The sessions that clients have opened, in order. */
  readonly sessions: readonly http2.ServerHttp2Session[];
}

export interface Http2ServingOptions extends CreateServerOptions {
  readonly tls?: boolean;
  readonly http2?: http2.SecureServerOptions;
  /** Answers ordinary requests. Default: 200 and `ordinary`. */
  readonly onRequest?: ((request: http2.Http2ServerRequest, response: http2.Http2ServerResponse) => void) | null;
}

/** WebSockets on an HTTP/2 server of its own, next to ordinary requests. */
export async function http2Serving(
  options: Http2ServingOptions = {},
  onConnection?: ConnectionListener,
): Promise<Http2Serving> {
  const { tls = false, http2: settings, onRequest = (_, response) => response.end('ordinary'), ...rest } = options;
  const http = tls ? http2.createSecureServer({ ...IDENTITY, ...settings }) : http2.createServer(settings ?? {});
  if (onRequest !== null) http.on('request', onRequest);
  const sessions: http2.ServerHttp2Session[] = [];
  http.on('session', (session) => {
    sessions.push(session);
    session.on('error', () => {});
  });
  const sockets: Duplex[] = [];
  http.on(tls ? 'secureConnection' : 'connection', (socket: Duplex) => sockets.push(socket));
  const cut = () => {
    for (const socket of sockets) socket.destroy();
  };
  const server = createServer({ ...rest, server: http }, onConnection);
  http.listen(0, '127.0.0.1');
  await once(http, 'listening');
  afterTest(() => {
    for (const session of sessions) session.destroy();
    http.close();
  });
  const { port } = http.address() as AddressInfo;
  return { http, server, cut, port, origin: `${tls ? 'https' : 'http'}://127.0.0.1:${port}`, sessions };
}

/** A session whose server has said what it can do. */
export async function http2Session(
  origin: string,
  options: http2.SecureClientSessionOptions = {},
): Promise<ClientHttp2Session> {
  const session = http2.connect(origin, { rejectUnauthorized: false, ...options });
  afterTest(() => session.destroy());
  session.on('error', () => {});
  await once(session, 'remoteSettings');
  return session;
}

/** The fields of an extended CONNECT that every judge lets in; null takes one away. */
export function connectFields(changes: Readonly<Record<string, string | string[] | null>> = {}): OutgoingHttpHeaders {
  const fields = {
    ':method': 'CONNECT',
    ':protocol': 'websocket',
    ':path': '/',
    'sec-websocket-version': '13',
    ...changes,
  };
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== null)) as OutgoingHttpHeaders;
}

export interface Http2Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, unknown>>;
  /** Open, not read yet. */
  readonly stream: ClientHttp2Stream;
}

/** Asks, and waits for the head of the answer; `sends` leaves at once. Rejects when the stream is reset before. */
export async function ask(
  session: ClientHttp2Session,
  fields: OutgoingHttpHeaders = connectFields(),
  sends: Buffer | null = null,
): Promise<Http2Answer> {
  const stream = session.request(fields, { endStream: false });
  if (sends !== null) stream.write(sends);
  const [headers] = await once(stream, 'response');
  stream.on('error', () => {});
  return { status: headers[':status'], headers, stream };
}

/** The rest of an answer, and the code that ended it. */
export async function bodyOf({ stream }: Http2Answer): Promise<{ body: string; rstCode: number | undefined }> {
  let body = '';
  stream.setEncoding('utf8').on('data', (text: string) => {
    body += text;
  });
  if (!stream.closed) await once(stream, 'close');
  return { body, rstCode: stream.rstCode };
}

export interface Http2StreamPair {
  readonly session: ClientHttp2Session;
  /** The client's end. */
  readonly ours: ClientHttp2Stream;
  /** The server's end. */
  readonly theirs: http2.ServerHttp2Stream;
}

/** Both ends of one stream, its response head sent and received, on a session of its own. */
export async function http2Stream(options: http2.ServerOptions = {}): Promise<Http2StreamPair> {
  const http = http2.createServer({ ...options, settings: { enableConnectProtocol: true, ...options.settings } });
  http.listen(0, '127.0.0.1');
  await once(http, 'listening');
  const session = await http2Session(`http://127.0.0.1:${(http.address() as AddressInfo).port}`);
  const asked = once(http, 'stream');
  const ours = session.request(connectFields(), { endStream: false });
  const answered = once(ours, 'response');
  const [theirs] = (await asked) as [http2.ServerHttp2Stream];
  http.close();
  theirs.respond({ ':status': 200 });
  await answered;
  return { session, ours, theirs };
}

/** The same as connections of bytes: the client's first. */
export async function http2Ends(): Promise<Ends> {
  const { ours, theirs } = await http2Stream();
  return [new Http2Transport(ours), new Http2Transport(theirs)];
}

/** Node 20.19 tells of a lost session what it tells of a stream that was reset; 20.20 and later tell the two apart. */
export const LOST_SESSION = process.versions.node.startsWith('20.19.') ? 'ERR_WS_STREAM_RESET' : 'ERR_WS_SESSION_LOST';
