/**
 * A program that says which types the important public names have. It compiles only if they are exactly those.
 *
 * Knows: what users write. Does not know: how it is compiled (package.test.ts), with which resolution of modules.
 */

/** For ES modules and CommonJS: nothing of fast-check's, whose types differ between the two. */
export const PUBLIC_TYPES = `
import { createServer as createHttp, type IncomingMessage } from 'node:http';
import { pipeline, Readable, type Duplex, type Transform } from 'node:stream';
import { pipeline as piped } from 'node:stream/promises';
import {
  Broadcast, type CloseInfo, type CloseReason, ConnectionError, connect, type ConnectOptions, createServer, FrameDecoder, FrameEncoder, HandshakeError,
  LimitError, MessageStream, prepare, ProtocolError, UsageError, WebSocketDuplex, WebSocketError, type WebSocketServer,
} from 'framepipe';
import { natsTopic, redisTopic } from 'framepipe/backplane';

type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
function exactly<Wanted, Found>(_: Same<Wanted, Found>): void {}

export async function socket(): Promise<void> {
  const ws = connect('ws://localhost:8080', { readAs: 'stream', deflate: true, subprotocols: ['chat'] });
  exactly<WebSocketDuplex<'stream'>, typeof ws>(true);
  const asDuplex: Duplex = ws;
  exactly<Promise<void>, typeof ws.opened>(true);
  const whenClosed: Promise<CloseInfo> = ws.closed;
  const { code, reason, received } = await ws.closed;
  exactly<number, typeof code>(true);
  exactly<string, typeof reason>(true);
  exactly<string | null, typeof ws.subprotocol>(true);
  const heard: number | undefined = received?.code;
  const pong: number = await ws.ping('x');
  const info: CloseInfo = await ws.close(1000, 'done');
  ws.write('text');
  ws.write(new Uint8Array(1), { compress: false });
  ws.write(Readable.from(['a message', ' in pieces']));
  ws.write(prepare('shared'));
  // @ts-expect-error: a number is no message of a socket's, and no type fell back to any
  const wrong: string = ws.bufferedBytes;
  // @ts-expect-error: a close code is a number
  void ws.close('1000');
  // @ts-expect-error: there is no such way to read
  connect('ws://localhost', { readAs: 'lines' });
  void [asDuplex, whenClosed, heard, pong, info, wrong];
}

export async function streams(ws: WebSocketDuplex): Promise<void> {
  pipeline(ws, ws, (error) => error?.message);
  await piped(Readable.from(['one']), ws);
  for await (const message of ws) exactly<string | Buffer, typeof message>(true);
  for await (const message of connect('ws://localhost')) exactly<string | Buffer, typeof message>(true);
  for await (const chunk of connect('ws://localhost', { readAs: 'bytes' })) exactly<Buffer, typeof chunk>(true);
  for await (const message of connect('ws://localhost', { readAs: 'stream' })) {
    exactly<MessageStream, typeof message>(true);
    exactly<'text' | 'binary', typeof message.type>(true);
    exactly<Promise<string>, ReturnType<typeof message.text>>(true);
  }
  for await (const message of ws.iterator({ destroyOnReturn: false })) exactly<string | Buffer, typeof message>(true);
  const all = await ws.toArray();
  exactly<(string | Buffer)[], typeof all>(true);
  ws.on('data', (message) => exactly<string | Buffer, typeof message>(true));
  ws.once('close-frame', (said) => exactly<CloseReason, typeof said>(true));
  ws.on('ping', (payload) => exactly<Buffer, typeof payload>(true));
  ws.on('error', (error) => exactly<Error, typeof error>(true));
  ws.on('of my own', (about: number) => about);
  // @ts-expect-error: who reads messages is not served by streams of them
  const mixedUp: WebSocketDuplex = connect('ws://localhost', { readAs: 'stream' });
  const anyHow: WebSocketDuplex<'message' | 'stream' | 'bytes'> = connect('ws://localhost', { readAs: 'stream' });
  const legacy: NodeJS.ReadWriteStream = ws;
  void [mixedUp, anyHow, legacy];
  const decoder: Transform = new FrameDecoder({ role: 'server' });
  pipeline(ws, decoder, new FrameEncoder({ role: 'server' }), ws, () => {});
}

export function serve(): WebSocketServer<'bytes'> {
  const server = createServer(
    {
      server: createHttp(), deflate: { threshold: 100 }, keepAlive: { intervalMs: 1_000, timeoutMs: 500 },
      origins: ['https://example.com'], maxMessageBytes: Infinity, readAs: 'bytes',
    },
    (ws) => {
      exactly<WebSocketDuplex<'bytes'>, typeof ws>(true);
      const request: IncomingMessage | undefined = ws.request;
      void request;
    },
  );
  // @ts-expect-error: keepAlive is false or an object
  createServer({ keepAlive: 'often' });
  const room = new Broadcast({ policy: 'drop-oldest' });
  // @ts-expect-error: there is no such policy
  new Broadcast({ policy: 'drop' });
  for (const ws of server.connections) room.add(ws);
  server.on('connection', (ws, request) => {
    exactly<WebSocketDuplex<'bytes'>, typeof ws>(true);
    exactly<IncomingMessage, typeof request>(true);
  });
  createServer((ws) => exactly<WebSocketDuplex, typeof ws>(true));
  createServer({ path: '/' }, (ws) => exactly<WebSocketDuplex, typeof ws>(true));
  const kept: ConnectOptions = { tls: {} };
  exactly<WebSocketDuplex, ReturnType<typeof connectWith>>(true);
  const connectWith = () => connect('wss://localhost', kept);
  void server.close({ code: 1001, timeoutMs: 1_000 });
  return server;
}

export function errors(error: unknown): string | undefined {
  if (error instanceof HandshakeError && typeof error.status === 'number') return error.code;
  if (error instanceof ProtocolError || error instanceof LimitError) {
    const closeCode: number | null | undefined = error.closeCode;
    void closeCode;
  }
  if (error instanceof ConnectionError || error instanceof UsageError) return error.code;
  return error instanceof WebSocketError ? error.message : undefined;
}

export const topics: readonly ((...args: never[]) => Duplex)[] = [natsTopic, redisTopic];
`;
