/**
 * One server of the room: its own clients by WebSocket, those of the other servers by NATS.
 *
 * Started by start.mjs. PORT, 0 for any; NATS, the address of the engine; NAME, what the page shows as the server.
 */
import { readFileSync } from 'node:fs';
import { createServer as createHttpServer } from 'node:http';
import { pipeline } from 'node:stream';
import { connect } from '@nats-io/transport-node';
import { Broadcast, createServer } from 'framepipe';
import { natsTopic } from 'framepipe/backplane';

const { PORT = 8080, NATS = 'localhost:4222', NAME = `server ${process.pid}` } = process.env;
const MAX_TEXT = 500;

const page = readFileSync(new URL('index.html', import.meta.url));
const nats = await connect({ servers: NATS, maxReconnectAttempts: -1, reconnectTimeWait: 500 });
const room = new Broadcast({ maxBufferedBytes: 256 * 1024 });
const everybody = natsTopic(nats, 'chat.room');

everybody.on('gap', () => room.write(JSON.stringify({ kind: 'gap', via: NAME })));
pipeline(everybody, room, (error) => {
  // Without the room there is nothing to serve; whoever started us knows what to do.
  if (error) throw error;
});
await everybody.subscribed();

/** What a client says becomes what all clients see. What is not what the page sends is passed over. */
async function* lines(messages) {
  for await (const message of messages) {
    const [name, text] = typeof message === 'string' ? message.split('\n', 2) : [];
    if (name && text)
      yield JSON.stringify({ kind: 'line', name: name.slice(0, 30), text: text.slice(0, MAX_TEXT), via: NAME });
  }
}

const http = createHttpServer((request, response) => {
  const isPage = request.url === '/';
  response.writeHead(isPage ? 200 : 404, { 'Content-Type': isPage ? 'text/html; charset=utf-8' : 'text/plain' });
  response.end(isPage ? page : 'Not here.\n');
});

const server = createServer({ server: http, maxMessageBytes: 4096 }, (ws) => {
  ws.write(JSON.stringify({ kind: 'welcome', via: NAME }));
  room.add(ws);
  pipeline(ws, lines, natsTopic(nats, 'chat.room'), () => {});
});

http.listen(PORT, '127.0.0.1', () => {
  console.log(`${NAME}: http://localhost:${http.address().port}`);
  process.send?.({ port: http.address().port });
});

for (const signal of ['SIGINT', 'SIGTERM']) {
  process.once(signal, async () => {
    http.close();
    await server.close();
    everybody.destroy();
    await nats.close();
    process.exit();
  });
}
// Whoever started us is gone.
process.on('disconnect', () => process.exit());
