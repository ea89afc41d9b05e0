/** An echo on ws, as its README has it. `DEFLATE` holds the options of permessage-deflate as JSON. */
import { createServer } from 'node:http';
import { peer } from '../lib/peer.mjs';
import { listenAndServe } from './serve.mjs';

const { WebSocketServer } = peer('ws');
const { DEFLATE } = process.env;
const perMessageDeflate = DEFLATE === undefined ? false : JSON.parse(DEFLATE);
const http = createServer();
new WebSocketServer({ server: http, perMessageDeflate }).on('connection', (/** @type {any} */ ws) => {
  ws.on('error', () => {});
  ws.on('message', (/** @type {Buffer} */ data, /** @type {boolean} */ isBinary) =>
    ws.send(data, { binary: isBinary }),
  );
});
listenAndServe(http);
