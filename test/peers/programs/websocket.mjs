/** The package `websocket`, as a server and as a client. Frames that it sends have at most 4 KiB. */
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import websocket from 'websocket';
import { MAX_MESSAGE_BYTES, obey, say, sayMessage } from './puppet.mjs';

const [role] = process.argv.slice(2);
const { version } = createRequire(import.meta.url)('websocket/package.json');
const settings = {
  maxReceivedFrameSize: MAX_MESSAGE_BYTES,
  maxReceivedMessageSize: MAX_MESSAGE_BYTES,
  fragmentationThreshold: 4096,
};
let connections = 0;
let connection;

function follow(id, opened) {
  connection = opened;
  connection.on('message', ({ type, utf8Data, binaryData }) =>
    sayMessage(id, type === 'binary', binaryData ?? utf8Data),
  );
  connection.on('pong', (data) => say('pong', { id, base64: data.toString('base64') }));
  connection.on('error', (error) => say('error', { id, error: error.message }));
  connection.on('close', (code, reason) => say('close', { id, code, reason }));
  say('open', { id, subprotocol: opened.protocol ?? '', extensions: '' });
}

const sendText = (payload) => connection.sendUTF(payload.toString());

obey({
  connect({ url, subprotocols, origin }) {
    const id = ++connections;
    const client = new websocket.client(settings);
    client.on('connect', (opened) => follow(id, opened));
    client.on('httpResponse', ({ statusCode }) => say('refused', { id, status: statusCode }));
    client.on('connectFailed', (error) => say('error', { id, error: error.message }));
    client.connect(url, subprotocols, origin);
  },
  text: (_, payload) => sendText(payload),
  binary: (_, payload) => connection.sendBytes(payload),
  fragments: ({ parts }) => sendText(Buffer.concat(parts.map((part) => Buffer.from(part, 'base64')))),
  ping: (_, payload) => connection.ping(payload),
  close: ({ code, reason }) => connection.close(code, reason),
  drop: () => connection.socket.destroy(),
  violate: () => connection.drop(1006, '', false),
});

if (role === 'client') say('ready', { version });
else {
  const http = createServer();
  const server = new websocket.server({ ...settings, httpServer: http });
  server.on('request', (request) => {
    if (request.resource === '/refused') return request.reject(403);
    const subprotocol = request.requestedProtocols.includes('chat') ? 'chat' : null;
    follow(++connections, request.accept(subprotocol, request.origin));
  });
  http.listen(0, '127.0.0.1', () => say('ready', { version, port: http.address().port }));
}
