/** websocket-driver with permessage-deflate, both of the Faye project, as a server and as a client. */
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import { connect } from 'node:net';
import deflate from 'permessage-deflate';
import websocket from 'websocket-driver';
import { MAX_MESSAGE_BYTES, obey, say, sayMessage } from './puppet.mjs';

const [role] = process.argv.slice(2);
const { version } = createRequire(import.meta.url)('websocket-driver/package.json');
let connections = 0;
let driver;
let socket;

function follow(id, opened, transport) {
  driver = opened;
  socket = transport;
  driver.on('open', () => say('open', { id, subprotocol: opened.protocol ?? '', extensions: '' }));
  driver.on('message', ({ data }) => sayMessage(id, typeof data !== 'string', data));
  driver.on('error', (error) => {
    if (opened.statusCode >= 400) say('refused', { id, status: opened.statusCode });
    else say('error', { id, error: error.message });
  });
  let closing = { code: 1006, reason: '' };
  driver.on('close', ({ code, reason }) => {
    closing = { code, reason };
    transport.end();
  });
  transport.on('error', () => {});
  transport.on('end', () => transport.end());
  // The driver says nothing of a connection that ends without a close frame.
  transport.on('close', () => say('close', { id, ...closing }));
  transport.pipe(driver.io).pipe(transport);
}

obey({
  connect({ url, subprotocols, origin, compress }) {
    const client = websocket.client(url, { protocols: subprotocols, maxLength: MAX_MESSAGE_BYTES });
    if (compress) client.addExtension(deflate);
    if (origin !== undefined) client.setHeader('Origin', origin);
    const { hostname, port } = new URL(url);
    const transport = connect(port, hostname, () => client.start());
    follow(++connections, client, transport);
  },
  text: (_, payload) => driver.text(payload.toString()),
  binary: (_, payload) => driver.binary(payload),
  ping(_, payload) {
    const id = connections;
    driver.ping(payload.toString(), () => say('pong', { id, base64: payload.toString('base64') }));
  },
  close: ({ code, reason }) => driver.close(reason, code),
  drop: () => socket.destroy(),
});

if (role === 'client') say('ready', { version });
else {
  const http = createServer();
  http.on('upgrade', (request, transport, head) => {
    if (request.url === '/refused') {
      transport.end('HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\nConnection: close\r\n\r\n');
      return;
    }
    const server = websocket.http(request, { protocols: ['chat'], maxLength: MAX_MESSAGE_BYTES });
    server.addExtension(deflate);
    follow(++connections, server, transport);
    server.io.write(head);
    server.start();
  });
  http.listen(0, '127.0.0.1', () => say('ready', { version, port: http.address().port }));
}
