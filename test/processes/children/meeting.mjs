/**
 * One connection between two processes: each is told its side and gets its end of it.
 */
import { connect, createServer } from 'framepipe';
import { report, told } from './parent.mjs';

/**
 * The server listens, reports its port, and gives its first connection; the client is told the port.
 * `side` is 'server' or 'client'.
 */
export async function meet(side, options = {}) {
  if (side === 'client') return { ws: connect(`ws://127.0.0.1:${await told('port')}`, options), server: null };
  const server = createServer(options);
  server.listen(0, '127.0.0.1', () => report('port', server.address().port));
  return new Promise((resolve) => server.once('connection', (ws) => resolve({ ws, server })));
}
