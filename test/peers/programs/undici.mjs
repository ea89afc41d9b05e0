/** undici's WebSocket, which is Node's own. A client only. */
import { subscribe } from 'node:diagnostics_channel';
import { createRequire } from 'node:module';
import { ping, WebSocket } from 'undici';
import { obey, say, sayMessage } from './puppet.mjs';

const { version } = createRequire(import.meta.url)('undici/package.json');
let connections = 0;
let socket;

// The way to hear a pong that undici has: its API has no event for them.
subscribe('undici:websocket:pong', ({ payload }) =>
  say('pong', { id: connections, base64: payload.toString('base64') }),
);

obey({
  connect({ url, subprotocols, origin }) {
    const id = ++connections;
    socket = new WebSocket(url, { protocols: subprotocols, headers: origin === undefined ? {} : { origin } });
    socket.binaryType = 'arraybuffer';
    socket.onopen = ({ target }) => say('open', { id, subprotocol: target.protocol, extensions: target.extensions });
    socket.onmessage = ({ data }) => sayMessage(id, typeof data !== 'string', data);
    socket.onerror = ({ message }) => say('error', { id, error: message });
    socket.onclose = ({ code, reason }) => say('close', { id, code, reason });
  },
  text: (_, payload) => socket.send(payload.toString()),
  binary: (_, payload) => socket.send(payload),
  ping: (_, payload) => ping(socket, payload),
  close: ({ code, reason }) => socket.close(code, reason),
});
say('ready', { version });
