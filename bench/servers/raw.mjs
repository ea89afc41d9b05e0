/** No WebSocket at all: an http.Server that answers the upgrade and keeps the socket. The floor for memory and handshakes. */
import { createHash } from 'node:crypto';
import { createServer } from 'node:http';
import { listenAndServe } from './serve.mjs';

const MAGIC = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11';
const http = createServer();
http.on('upgrade', ({ headers }, socket) => {
  const accept = createHash('sha1').update(`${headers['sec-websocket-key']}${MAGIC}`).digest('base64');
  socket.on('error', () => {});
  // The first bytes can only be a close frame here: answered, unmasked and empty, and that is the end.
  socket.on('data', () => socket.end(Buffer.of(0x88, 0)));
  socket.write(
    `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\n\r\n`,
  );
});
listenAndServe(http);
