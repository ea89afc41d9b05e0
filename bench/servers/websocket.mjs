/** An echo on the package `websocket`. */
import { createServer } from 'node:http';
import { peer } from '../lib/peer.mjs';
import { listenAndServe } from './serve.mjs';

const websocket = peer('websocket');
const http = createServer();
const settings = {
  httpServer: http,
  autoAcceptConnections: true,
  maxReceivedFrameSize: 2 ** 24,
  maxReceivedMessageSize: 2 ** 24,
  fragmentOutgoingMessages: false,
};
new websocket.server(settings).on('connect', (/** @type {any} */ connection) => {
  connection.on('message', (/** @type {any} */ message) => {
    if (message.type === 'utf8') connection.sendUTF(message.utf8Data);
    else connection.sendBytes(message.binaryData);
  });
});
listenAndServe(http);
