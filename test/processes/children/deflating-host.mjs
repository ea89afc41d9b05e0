/**
 * An echo server with compression. Arguments: the options of the server as JSON, and the HTTP version. A client that asks for /stopped is not
 * read until the word 'read on', which reports 'read' with its bytes when that message is through.
 *
 * Words: 'watch' begins to measure memory and reports 'watching', 'growth' reports the peak since then, 'read on', 'count'
 * reports the open connections, 'leave' lets the process end.
 */
import { createServer as createHttp2Server } from 'node:http2';
import { pipeline } from 'node:stream';
import { createServer } from 'framepipe';
import { watchMemory } from './memory.mjs';
import { obey, report } from './parent.mjs';

const stopped = [];

/** Reads, or waits for the word, what this client sends; a message that comes as a stream is then read to its end. */
function serve(ws, { url }) {
  const endings = url.slice(1);
  ws.on('error', (error) => report('failed', { endings, code: error.code, closeCode: error.closeCode }));
  if (url === '/stopped') {
    ws.on('data', (message) => stopped.push(message));
    report('stopped');
  } else if (url === '/send')
    pipeline(
      Array.from({ length: 64 }, () => LONG),
      ws,
      () => {},
    );
  else pipeline(ws, ws, () => {});
}

const LONG = JSON.stringify(Array.from({ length: 4_000 }, (_, id) => ({ id, user: `user ${id * 7_919}`, ok: true })));
const [options, http] = process.argv.slice(2);
const carrier = http === '2' ? createHttp2Server() : undefined;
const server = createServer({ ...JSON.parse(options), server: carrier }, serve);
server.listen({ port: 0, host: '127.0.0.1', backlog: 2_048 }, () => report('port', server.address().port));

function readOn(message) {
  let bytes = 0;
  message.on('data', (chunk) => {
    bytes += chunk.length;
  });
  message.once('end', () => report('read', bytes));
}

let memory = null;
await obey({
  watch: () => {
    globalThis.gc();
    memory = watchMemory();
    report('watching');
  },
  growth: () => report('growth', memory.growth()),
  'read on': () => {
    for (const message of stopped.splice(0)) readOn(message);
  },
  count: () => report('count', server.connections.size),
});
for (const ws of server.connections) ws.destroy();
await server.close();
carrier?.close();
