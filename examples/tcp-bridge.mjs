/**
 * A WebSocket to a TCP port and back: a database, a mail server or a terminal for a browser. Two pipelines, one each way:
 * a slow side slows the other one down, and what is in flight arrives before the end does.
 *
 *     TARGET=localhost:5432 PORT=8080 node tcp-bridge.mjs
 */
import { connect } from 'node:net';
import { pipeline } from 'node:stream';
import { createServer } from 'framepipe';

const [host, port] = (process.env.TARGET ?? 'localhost:7').split(':');

const server = createServer({ readAs: 'bytes' }, (ws) => {
  // Each side ends in its own time.
  const tcp = connect({ host, port: Number(port), allowHalfOpen: true });
  const report = (error) => {
    if (error) console.error(error.message);
  };
  pipeline(ws, tcp, report);
  pipeline(tcp, ws, report);
});

server.listen(process.env.PORT ?? 8080, () => {
  console.log(`Bridge to ${host}:${port}: ws://localhost:${server.address().port}`);
});

for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => server.close());
