/**
 * An echo on ws, as its README has it: a text stays bytes. With APP=text it becomes a string, as in a program that reads it.
 * `DEFLATE` holds the options of permessage-deflate as JSON.
 */
import { createServer } from 'node:http';
import { peer } from '../lib/peer.mjs';
import { listenAndServe } from './serve.mjs';

const { WebSocketServer } = peer('ws');
const { APP, DEFLATE } = process.env;
const perMessageDeflate = DEFLATE === undefined ? false : JSON.parse(DEFLATE);
const http = createServer();
new WebSocketServer({ server: http, perMessageDeflate }).on('connection', (/** @type {any} */ ws) => {
  ws.on('error', () => {});
  ws.on('message', (/** @type {Buffer} */ data, /** @type {boolean} */ isBinary) =>
    ws.send(APP === 'text' && !isBinary ? data.toString() : data, { binary: isBinary }),
  );
});
listenAndServe(http);
