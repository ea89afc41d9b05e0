/**
 * Who an example of the front page talks to, by the harness that its block names.
 *
 * Knows: the ws package, and free ports. Does not know: framepipe; it must not agree with itself by mistake.
 */
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import { WebSocket, WebSocketServer } from 'ws';
import { freePort } from '../../support/free-port.js';
import type { Running } from './consumer.js';

/** The other end of one example. */
export interface OtherEnd {
  /** What stands for 8080 in the example. */
  readonly port: number;
  /** Talks to the example until it has shown what it should; resolves with what it has printed by then. */
  meet(example: Running): Promise<string>;
}

/** Where an example is a program that ends by itself, or one that goes on until it is ended. */
export async function otherEnd(harness: string | null): Promise<OtherEnd> {
  if (harness === null) return { port: 8080, meet: toItsEnd };
  if (harness === 'echo-server') return echoServer();
  if (harness === 'echo-client') return echoClient(await freePort());
  throw new Error(`Nobody here is the other end of "${harness}".`);
}

async function toItsEnd(example: Running): Promise<string> {
  const { status, says } = await example.ended;
  if (status !== 0) throw new Error(`exit code ${status}: ${says}`);
  return says;
}

async function echoServer(): Promise<OtherEnd> {
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1' });
  server.on('connection', (ws) => ws.on('message', (data, isBinary) => ws.send(data, { binary: isBinary })));
  await once(server, 'listening');
  const meet = (example: Running) => toItsEnd(example).finally(() => server.close());
  return { port: (server.address() as AddressInfo).port, meet };
}

/** Sends a text and bytes and wants them back; then it ends the example, which would go on for ever. */
function echoClient(port: number): OtherEnd {
  const meet = async (example: Running) => {
    const ws = await connected(example, port);
    for (const message of [Buffer.from('hello'), Buffer.from([0, 255])]) {
      const binary = message.length === 2;
      ws.send(message, { binary });
      const [data, isBinary] = await once(ws, 'message');
      if (isBinary !== binary || !message.equals(data)) throw new Error(`the echo of ${message} is ${data}`);
    }
    ws.close(1000);
    const [code] = await once(ws, 'close');
    if (code !== 1000) throw new Error(`closed with ${code}`);
    example.kill();
    return (await example.ended).says;
  };
  return { port, meet };
}

/** A connection, as soon as the example listens. Throws when the example has ended instead. */
async function connected(example: Running, port: number): Promise<WebSocket> {
  const over = example.ended.then(({ status, says }) => `It ended with ${status} and did not listen: ${says}`);
  for (;;) {
    const ws = new WebSocket(`ws://localhost:${port}`);
    const failure = await Promise.race([
      once(ws, 'open').then(
        () => null,
        () => 'not yet',
      ),
      over,
    ]);
    if (failure === null) return ws;
    if (failure !== 'not yet') throw new Error(failure);
    await wait(20);
  }
}
