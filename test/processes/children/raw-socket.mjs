/**
 * A TCP connection, or an HTTP/2 stream, after a WebSocket handshake, without a WebSocket behind it: its user writes the bytes.
 */
import { once } from 'node:events';
import { createServer } from 'node:http';
import { connect as connectHttp2 } from 'node:http2';
import { connect } from 'node:net';
import { acceptKey } from 'framepipe';
import { report, told } from './parent.mjs';

const KEY = 'dGhlIHNhbXBsZSBub25jZQ==';

/** As `meet`: the server reports its port and takes one connection, the client is told the port. Half-open is allowed. */
export async function meetRaw(side) {
  return side === 'client' ? connectRaw(await told('port')) : acceptRaw();
}

/** A client's connection, with more fields in its request and another path if given. What comes behind the response is its first data. */
export function connectRaw(port, more = [], path = '/') {
  const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
  socket.on('error', () => {});
  const fields = ['Host: x', 'Connection: Upgrade', 'Upgrade: websocket', 'Sec-WebSocket-Version: 13', ...more];
  socket.write(`GET ${path} HTTP/1.1\r\n${fields.join('\r\n')}\r\nSec-WebSocket-Key: ${KEY}\r\n\r\n`);
  return new Promise((resolve) => {
    let head = Buffer.alloc(0);
    socket.on('readable', function read() {
      head = Buffer.concat([head, socket.read() ?? '']);
      const end = head.indexOf('\r\n\r\n');
      if (end < 0) return;
      socket.off('readable', read);
      if (head.length > end + 4) socket.unshift(head.subarray(end + 4));
      resolve(socket);
    });
  });
}

/** A client's stream on a session of its own, which goes when the stream does; `more` fields in its request. */
export async function connectRawStream(port, more) {
  const session = connectHttp2(`http://127.0.0.1:${port}`);
  session.on('error', () => {});
  await once(session, 'remoteSettings');
  const fields = { ':method': 'CONNECT', ':protocol': 'websocket', 'sec-websocket-version': '13', ...more };
  const stream = session.request(fields, { endStream: false });
  stream.on('error', () => {});
  stream.on('close', () => session.close());
  await once(stream, 'response');
  return stream;
}

function acceptRaw() {
  const server = createServer();
  server.listen(0, '127.0.0.1', () => report('port', server.address().port));
  return new Promise((resolve) => {
    server.on('upgrade', (request, socket) => {
      server.close();
      socket.allowHalfOpen = true;
      socket.on('error', () => {});
      const accept = acceptKey(request.headers['sec-websocket-key']);
      socket.write(
        `HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Accept: ${accept}\r\n\r\n`,
      );
      resolve(socket);
    });
  });
}
