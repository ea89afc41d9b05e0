/**
 * One connection between two processes: each is told its side and the HTTP version, and gets its end of it.
 */
import { createServer as createHttp2Server } from 'node:http2';
import { connect, createServer } from 'framepipe';
import { report, told } from './parent.mjs';

/**
 * The server listens, reports its port, and gives its first connection; the client is told the port. `side` is 'server' or
 * 'client'; `http` is '1.1', or '2' for a stream of an HTTP/2 session without TLS.
 */
export async function meet(side, http, options = {}) {
  if (side === 'client')
    return { ws: connect(`ws://127.0.0.1:${await told('port')}`, { ...options, http }), server: null };
  const carrier = http === '2' ? createHttp2Server() : null;
  const server = createServer(carrier === null ? options : { ...options, server: carrier });
  const listening = carrier ?? server;
  const sessions = new Set();
  carrier?.on('session', (session) => sessions.add(session));
  listening.listen(0, '127.0.0.1', () => report('port', listening.address().port));
  const ws = await new Promise((resolve) => server.once('connection', resolve));
  const close = async () => {
    await server.close();
    if (carrier === null) return;
    // An http2 server is its owner's, and so is a session whose peer does not answer any more.
    const deadline = setTimeout(() => {
      for (const session of sessions) session.destroy();
    }, 1_000);
    carrier.close(() => clearTimeout(deadline));
  };
  return { ws, server: { close } };
}
