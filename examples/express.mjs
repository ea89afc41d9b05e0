/**
 * Express and WebSockets on one port. Express answers requests, framepipe takes the upgrades of one path.
 *
 *     npm ci && PORT=8080 node express.mjs
 */
import { createServer as createHttpServer } from 'node:http';
import { pipeline } from 'node:stream';
import express from 'express';
import { createServer } from 'framepipe';

const app = express();
app.get('/', (_request, response) => {
  response.type('html').send(`<script>
    const ws = new WebSocket('ws://' + location.host + '/echo');
    ws.onopen = () => ws.send('hello');
    ws.onmessage = ({ data }) => document.write(data);
  </script>`);
});

const http = createHttpServer(app);
const sockets = createServer({ server: http, path: '/echo' }, (ws) => {
  pipeline(ws, ws, (error) => {
    if (error) console.error(error.message);
  });
});

http.listen(process.env.PORT ?? 8080, () => console.log(`Express: http://localhost:${http.address().port}`));

// The http.Server is ours, not framepipe's: both have to be closed.
for (const signal of ['SIGINT', 'SIGTERM']) {
  process.once(signal, () => {
    http.close();
    sockets.close();
  });
}
