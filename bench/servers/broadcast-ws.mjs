/** One to many as ws's README has it: a loop over `wss.clients`. `DEFLATE` holds the options of permessage-deflate as JSON. */
import { createServer } from 'node:http';
import { setImmediate as turn } from 'node:timers/promises';
import { peer } from '../lib/peer.mjs';
import { messageOf } from '../lib/said.mjs';
import { serve } from './serve.mjs';

const { WebSocket, WebSocketServer } = peer('ws');
const { DEFLATE } = process.env;
const perMessageDeflate = DEFLATE === undefined ? false : JSON.parse(DEFLATE);
const http = createServer();
const wss = new WebSocketServer({ server: http, perMessageDeflate });
wss.on('connection', (/** @type {any} */ ws) => ws.on('error', () => {}));

/** @param {import('../lib/said.mjs').Said} said */
async function say(said) {
  for (let at = 0; at < said.burst; at++) {
    const data = messageOf(said, at);
    wss.clients.forEach((/** @type {any} */ client) => {
      if (client.readyState === WebSocket.OPEN) client.send(data, { binary: said.type === 'binary' });
    });
    if (said.inTurns) await turn();
  }
}

http.listen(0, '127.0.0.1', () => {
  const address = http.address();
  const port = address !== null && typeof address === 'object' ? address.port : 0;
  serve(port, { say, clients: () => wss.clients.size });
});
