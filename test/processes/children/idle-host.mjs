/**
 * A server whose clients say one thing and then nothing. Needs --expose-gc. Argument: how many messages make 'heard'.
 *
 * Words: 'weigh' reports what the process holds now, in bytes, and its connections; 'leave' lets the process end.
 */
import { setImmediate as turn } from 'node:timers/promises';
import { createServer } from 'framepipe';
import { obey, report } from './parent.mjs';

const expected = Number(process.argv[2]);
let heard = 0;

function onMessage() {
  heard++;
  if (heard === expected) report('heard');
}

// Whoever does not answer a ping is closed; these clients never do.
const server = createServer({ keepAlive: false }, (ws) => ws.on('data', onMessage));
server.listen({ port: 0, host: '127.0.0.1', backlog: 2_048 }, () => report('port', server.address().port));

async function weigh() {
  for (let pass = 0; pass < 4; pass++) {
    await turn();
    globalThis.gc();
  }
  const { heapUsed, external, rss } = process.memoryUsage();
  report('weight', { heapUsed, external, rss, connections: server.connections.size });
}

await obey({ weigh });
for (const ws of server.connections) ws.destroy();
await server.close();
