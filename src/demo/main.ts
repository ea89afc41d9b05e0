/**
 * `npm start`: the echo and the page that shows its frames.
 *
 * Knows: PORT, HOST, signals, exit codes, and what a person wants to read in the terminal.
 * Does not know: anything that a test would want to call; that is demo-server.ts.
 */
import { DemoServer } from './demo-server.js';

const DEFAULT_PORT = 8080;
/** This machine only: a demo should not open a port to the network unless it is asked to. */
const DEFAULT_HOST = '127.0.0.1';
const STOP_TIMEOUT_MS = 3_000;

async function main(): Promise<void> {
  const { PORT, HOST } = process.env;
  const port = Number(PORT || DEFAULT_PORT);
  const host = HOST || DEFAULT_HOST;
  if (!Number.isInteger(port) || port < 0 || port > 65_535) fail(`PORT is ${PORT}; a port is 0 to 65535.`);
  // The page is not compiled, so it stays where it is: next to this file's source, not next to its JavaScript.
  const server = new DemoServer(new URL('../../src/demo/page/', import.meta.url));
  const url = await server
    .listen(port, host)
    .catch((error: NodeJS.ErrnoException) => fail(sentenceOf(error, port, host)));
  stopOnSignal(server);
  console.log(`framepipe demo: ${url}`);
  console.log(`WebSocket echo: ${url.href.replace('http', 'ws')}echo`);
  if (host === DEFAULT_HOST) console.log('Only this machine can open it; HOST=0.0.0.0 npm start lets a phone in too.');
}

function sentenceOf(error: NodeJS.ErrnoException, port: number, host: string): string {
  if (error.code === 'EADDRINUSE') return `Port ${port} is in use. PORT=0 npm start takes a free one.`;
  if (error.code === 'EACCES') return `Port ${port} needs more rights. PORT=0 npm start takes a free one.`;
  return `Cannot listen on ${host}:${port}: ${error.message}`;
}

function stopOnSignal(server: DemoServer): void {
  const stop = () => {
    setTimeout(() => process.exit(1), STOP_TIMEOUT_MS).unref();
    void server.stop().then(() => process.exit(0));
  };
  process.once('SIGINT', stop);
  process.once('SIGTERM', stop);
}

function fail(sentence: string): never {
  console.error(sentence);
  process.exit(1);
}

await main();
