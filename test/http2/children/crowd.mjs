/**
 * A server with many WebSockets on one HTTP/2 session, one of whose clients does not read. Reports how many messages the
 * others got, what the stopped one holds, and how much memory both sides together took.
 */
import { once } from 'node:events';
import { createServer as createHttp2Server } from 'node:http2';
import { connect, createServer } from '../../../dist/index.js';
import { watchMemory } from '../../processes/children/memory.mjs';

const [sockets, rounds, bytes] = process.argv.slice(2).map(Number);

const http = createHttp2Server();
const sessions = new Set();
http.on('session', (session) => sessions.add(session));
const server = createServer({ server: http, keepAlive: false }, (ws) => ws.pipe(ws));
http.listen(0, '127.0.0.1');
await once(http, 'listening');
const url = `ws://127.0.0.1:${http.address().port}`;
const options = { http: '2', keepAlive: false };

const stopped = connect(url, options);
await stopped.opened;
stopped.pause();
const crowd = Array.from({ length: sockets - 1 }, () => connect(url, options));
await Promise.all(crowd.map((ws) => ws.opened));

const memory = watchMemory();
const message = Buffer.alloc(bytes, 'x');
/** Sends to the stopped one until nothing more goes in, at the side of everything else. */
let isFull = false;
const stuff = () => {
  while (!isFull && stopped.write(message));
  isFull = true;
};
stuff();

const begun = performance.now();
await Promise.all(
  crowd.map(async (ws) => {
    for (let round = 0; round < rounds; round++) {
      ws.write(message);
      const [echo] = await once(ws, 'data');
      if (!message.equals(echo)) throw new Error('An echo was not what was sent.');
    }
  }),
);
const seconds = (performance.now() - begun) / 1_000;

const echoes = (sockets - 1) * rounds;
process.send?.({
  name: 'result',
  value: {
    sessions: sessions.size,
    open: server.connections.size,
    echoes,
    isFull,
    stoppedBytes: stopped.bufferedBytes,
    growth: memory.growth(),
    seconds,
  },
});
for (const ws of [stopped, ...crowd]) ws.destroy();
http.close();
process.disconnect?.();
