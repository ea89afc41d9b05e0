/**
 * The echo of framepipe.mjs behind an http2 server without TLS, whose settings are Node's.
 */
import { createServer as createHttp2Server } from 'node:http2';
import { createServer } from '../../dist/index.js';
import { listenAndServe } from './serve.mjs';

const http = createHttp2Server();
createServer({ server: http }, (ws) => {
  ws.on('error', () => {});
  ws.pipe(ws);
});
listenAndServe(http);
