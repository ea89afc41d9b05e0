/**
 * Sends every message back. `pipeline` is the whole server: it respects a client that does not read.
 *
 *     PORT=8080 node echo.mjs
 */
import { pipeline } from 'node:stream';
import { createServer } from 'framepipe';

const server = createServer((ws) => {
  pipeline(ws, ws, (error) => {
    if (error) console.error(error.message);
  });
});

server.listen(process.env.PORT ?? 8080, () => console.log(`Echo: ws://localhost:${server.address().port}`));

// Closes every connection with 1001, waits for the answers, then nothing keeps the process alive.
for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => server.close());
