/**
 * Clients that echo: `node client.mjs <name>`.
 *
 * Knows: how each package opens a WebSocket, as its README has it, and sends back what it gets.
 * Does not know: the server.
 */
import { connect } from '../../dist/index.js';
import { answer } from '../lib/answers.mjs';
import { peer } from '../lib/peer.mjs';

/** @type {Record<string, (url: string) => void>} */
const CLIENTS = {
  framepipe: (url) => {
    const ws = connect(url);
    ws.on('error', () => {});
    ws.pipe(ws);
  },
  ws: (url) => {
    const { WebSocket } = peer('ws');
    const ws = new WebSocket(url, { perMessageDeflate: false });
    ws.on('error', () => {});
    ws.on('message', (/** @type {Buffer} */ data, /** @type {boolean} */ isBinary) =>
      ws.send(data, { binary: isBinary }),
    );
  },
  undici: (url) => browserLike(new (peer('undici').WebSocket)(url)),
  // In one frame a message, as everybody else: it would make fragments of 16 KiB.
  websocket: (url) =>
    browserLike(new (peer('websocket').w3cwebsocket)(url, [], '', {}, {}, { fragmentOutgoingMessages: false })),
};

/** @param {any} ws A WebSocket with the interface of browsers. */
function browserLike(ws) {
  ws.binaryType = 'arraybuffer';
  ws.onmessage = (/** @type {{ data: unknown }} */ event) => ws.send(event.data);
  ws.onerror = () => {};
}

answer({
  connect: ({ port, connections }) => {
    for (let at = 0; at < connections; at++) CLIENTS[process.argv[2] ?? '']?.(`ws://127.0.0.1:${port}/`);
  },
  cpu: () => {
    const { user, system } = process.cpuUsage();
    return user + system;
  },
});
