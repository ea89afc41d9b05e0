/**
 * Fastify and WebSockets on one port. Fastify answers requests, framepipe takes the upgrades of one path.
 *
 *     npm ci && PORT=8080 node fastify.mjs
 */
import { pipeline } from 'node:stream';
import Fastify from 'fastify';
import { createServer } from 'framepipe';

const app = Fastify();
app.get('/', async () => ({ websocket: '/echo' }));

const sockets = createServer({ server: app.server, path: '/echo' }, (ws) => {
  pipeline(ws, ws, (error) => {
    if (error) console.error(error.message);
  });
});
// Fastify closes its server; this closes the WebSockets first.
app.addHook('preClose', () => sockets.close());

for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => app.close());

await app.listen({ port: Number(process.env.PORT ?? 8080) });
console.log(`Fastify: http://localhost:${app.server.address().port}`);
