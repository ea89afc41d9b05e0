/**
 * `framepipe serve --inspect`, which is `npm start`: the echo and the page that shows its frames.
 *
 * Knows: where the page is, and what a person wants to read in the terminal.
 * Does not know: how the page works (src/demo).
 */
import { DemoServer } from '../../demo/demo-server.js';
import type { Secrets } from '../../demo/front.js';
import { EXIT, Failure } from './failure.js';
import type { Life } from './life.js';
import { listenSentence } from './listening.js';
import { say } from './terminal.js';

/** The page is not compiled, so it stays where it is: next to its source, not next to this file's JavaScript. */
export const PAGE = new URL('../../../src/demo/page/', import.meta.url);

const LOOPBACK = '127.0.0.1';

/** Serves until it is stopped; resolves with the exit code. Rejects with a Failure when the port cannot be had. */
export async function inspect(port: number, host: string, secrets: Secrets | null, life: Life): Promise<number> {
  const server = new DemoServer(PAGE, secrets);
  const url = await server.listen(port, host).catch((error: NodeJS.ErrnoException) => {
    throw new Failure(listenSentence(error, port, host));
  });
  say(`framepipe demo: ${url}`);
  say(`WebSocket echo: ${url.href.replace('http', 'ws')}echo`);
  if (host === LOOPBACK) say('Only this machine can open it; --host 0.0.0.0 lets a phone in too.');
  if (secrets !== null) say('TLS, with HTTP/2 and HTTP/1.1. A browser warns of a certificate that it does not know.');
  await life.stopped;
  await server.stop();
  return EXIT.clean;
}
