/** An echo on ws, as its README has it. `DEFLATE` holds the options of permessage-deflate as JSON. */
import { createServer } from 'node:http';
import { WebSocketServer } from 'ws';
import { listenAndServe } from './serve.mjs';

const { DEFLATE } = process.env;
const perMessageDeflate = DEFLATE === undefined ? false : JSON.parse(DEFLATE);
const http = createServer();
new WebSocketServer({ server: http, perMessageDeflate }).on('connection', (ws) => {
  ws.on('error', () => {});
  ws.on('message', (data, isBinary) => ws.send(data, { binary: isBinary }));
});
listenAndServe(http);
