/**
 * Load for clients that echo: a raw TCP server that answers the handshake and then sends prebuilt unmasked frames.
 *
 * Knows: the other half of load/handshake.mjs. Connections come from the process that is measured.
 * Does not know: the client.
 */
import { createHash } from 'node:crypto';
import { createServer } from 'node:net';
import { answer } from '../lib/answers.mjs';
import { blockOf, checkEcho, Exchange } from './exchange.mjs';

const MAGIC = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11';

/** @typedef {(bytes: Buffer, count: number) => void} Take */
/** @type {{ exchange: Exchange | null, opened: import('node:net').Socket[], arrived: () => void }} */
const state = { exchange: null, opened: [], arrived: () => {} };

const server = createServer({ noDelay: true }, (socket) => {
  let head = '';
  const readHead = (/** @type {Buffer} */ bytes) => {
    head += bytes.toString('latin1');
    if (!head.includes('\r\n\r\n')) return;
    socket.off('data', readHead);
    const key = /^sec-websocket-key:\s*(\S+)/im.exec(head)?.[1];
    const accept = createHash('sha1').update(`${key}${MAGIC}`).digest('base64');
    socket.write(
      `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\n\r\n`,
    );
    state.opened.push(socket);
    state.arrived();
  };
  socket.on('data', readHead);
  socket.on('error', () => {});
});

/** Waits for all clients; the first one is checked. @param {import('./exchange.mjs').Workload} load */
async function openAll(load) {
  const block = blockOf(load, 'server');
  const exchange = new Exchange(load, block);
  while (state.opened.length < load.connections) {
    await new Promise((resolve) => {
      state.arrived = () => resolve(undefined);
    });
  }
  for (const [at, socket] of state.opened.splice(0).entries()) {
    /** @type {Take} */
    let take = () => {};
    const onBytes = (/** @type {Take} */ taker) => {
      take = taker;
    };
    socket.on('data', (bytes) => take(bytes, bytes.length));
    if (at === 0) await checkEcho(socket, onBytes, block);
    const connection = exchange.add(socket);
    onBytes((_, count) => connection.take(count));
  }
  state.exchange = exchange;
}

server.listen(0, '127.0.0.1', () => {
  const address = server.address();
  answer(
    { open: openAll, run: (how) => state.exchange?.run(how), close: () => state.exchange?.close() },
    { port: address !== null && typeof address === 'object' ? address.port : 0 },
  );
});
