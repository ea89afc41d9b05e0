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
  Broadcast, type CloseInfo, ConnectionError, connect, createServer, FrameDecoder, FrameEncoder, HandshakeError,
  LimitError, MessageStream, prepare, ProtocolError, UsageError, WebSocketDuplex, WebSocketError, type WebSocketServer,
} from 'framepipe';
import { natsTopic, redisTopic } from 'framepipe/backplane';

type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
function exactly<Wanted, Found>(_: Same<Wanted, Found>): void {}

export async function socket(): Promise<void> {
  const ws = connect('ws://localhost:8080', { readAs: 'stream', deflate: true, subprotocols: ['chat'] });
  exactly<WebSocketDuplex, typeof ws>(true);
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
  for await (const message of ws as AsyncIterable<string | Buffer>) void message;
  for await (const message of ws as AsyncIterable<MessageStream>) {
    exactly<'text' | 'binary', typeof message.type>(true);
    exactly<Promise<string>, ReturnType<typeof message.text>>(true);
  }
  const decoder: Transform = new FrameDecoder({ role: 'server' });
  pipeline(ws, decoder, new FrameEncoder({ role: 'server' }), ws, () => {});
}

export function serve(): WebSocketServer {
  const server = createServer(
    {
      server: createHttp(), deflate: { threshold: 100 }, keepAlive: { intervalMs: 1_000, timeoutMs: 500 },
      origins: ['https://example.com'], maxMessageBytes: Infinity, readAs: 'bytes',
    },
    (ws) => {
      exactly<WebSocketDuplex, typeof ws>(true);
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
