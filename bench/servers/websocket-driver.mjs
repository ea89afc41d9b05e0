/** An echo on websocket-driver, piped as its README has it. */
import { createServer } from 'node:net';
import { peer } from '../lib/peer.mjs';
import { listenAndServe } from './serve.mjs';

const driver = peer('websocket-driver');
const server = createServer((socket) => {
  const ws = driver.server({ maxLength: 2 ** 24 });
  ws.on('connect', () => ws.start());
  ws.on('message', (/** @type {{ data: Buffer | string }} */ { data }) => {
    if (typeof data === 'string') ws.text(data);
    else ws.binary(data);
  });
  ws.on('close', () => socket.end());
  socket.on('error', () => {});
  socket.pipe(ws.io).pipe(socket);
});
listenAndServe(server);
