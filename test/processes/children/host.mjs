/**
 * A server for many clients; nobody listens to its connections but for the end.
 *
 * Words: 'close crowd' closes every connection, 'drain' closes the server and reports 'drained', 'measure' reports what
 * is left of connections that have ended, 'leave' lets the process end.
 */
import { createServer } from 'framepipe';
import { leftovers } from './leftovers.mjs';
import { obey, report } from './parent.mjs';

const server = createServer((ws) => ws.resume());
const listening = () =>
  server.eventNames().reduce((sum, name) => sum + server.listenerCount(name), 0) + process.listenerCount('exit');
// With the default backlog of 511 the rest of a crowd would try again a second later.
server.listen({ port: 0, host: '127.0.0.1', backlog: 2_048 }, () => report('port', server.address().port));

await obey({
  count: () => report('count', server.connections.size),
  'close crowd': () => {
    for (const ws of server.connections) ws.close();
  },
  drain: async () => {
    await server.close();
    report('drained', server.connections.size);
  },
  measure: async () => report('left', { ...(await leftovers()), listeners: listening() }),
});
await server.close();
