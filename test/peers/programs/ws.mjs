/** ws, as a server and as a client. */
import { createRequire } from 'node:module';
import { WebSocket, WebSocketServer } from 'ws';
import { MAX_MESSAGE_BYTES, obey, say, sayMessage } from './puppet.mjs';

const [role] = process.argv.slice(2);
const { version } = createRequire(import.meta.url)('ws/package.json');
let connections = 0;
let socket;

function follow(opened) {
  const id = ++connections;
  socket = opened;
  socket.on('message', (data, isBinary) => sayMessage(id, isBinary, data));
  socket.on('pong', (data) => say('pong', { id, base64: data.toString('base64') }));
  socket.on('error', (error) => say('error', { id, error: error.message }));
  socket.on('close', (code, reason) => say('close', { id, code, reason: reason.toString() }));
  return id;
}

const opened = (id, { protocol, extensions }) => say('open', { id, subprotocol: protocol, extensions });

obey({
  connect({ url, subprotocols, origin, compress }) {
    const perMessageDeflate = compress && { threshold: 0 };
    const client = new WebSocket(url, subprotocols, { origin, perMessageDeflate, maxPayload: MAX_MESSAGE_BYTES });
    const id = follow(client);
    client.on('open', () => opened(id, client));
    client.on('unexpected-response', (_, { statusCode }) => say('refused', { id, status: statusCode }));
  },
  text: (_, payload) => socket.send(payload, { binary: false }),
  binary: (_, payload) => socket.send(payload),
  fragments: ({ parts }) =>
    parts.forEach((part, at) => {
      socket.send(Buffer.from(part, 'base64'), { binary: false, fin: at === parts.length - 1 });
    }),
  ping: (_, payload) => socket.ping(payload),
  close: ({ code, reason }) => socket.close(code, reason),
  drop: () => socket.terminate(),
  violate: () => socket.send(Buffer.from([0x61, 0xff]), { binary: false }),
});

if (role === 'client') say('ready', { version });
else {
  const server = new WebSocketServer({
    port: 0,
    host: '127.0.0.1',
    maxPayload: MAX_MESSAGE_BYTES,
    perMessageDeflate: { threshold: 0 },
    handleProtocols: (offered) => (offered.has('chat') ? 'chat' : false),
    verifyClient: ({ req }, answer) => answer(req.url !== '/refused', 403),
  });
  server.on('connection', (connection) => opened(follow(connection), connection));
  server.on('listening', () => say('ready', { version, port: server.address().port }));
}
