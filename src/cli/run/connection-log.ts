/**
 * `--verbose` of a server: a line on stderr for each connection that opens, closes or is refused.
 *
 * Knows: how a connection looks on a line.
 * Does not know: what the server does with it.
 */
import type { ReadAs } from '../../duplex/options.js';
import type { WebSocketDuplex } from '../../duplex/websocket-duplex.js';
import type { WebSocketServer } from '../../server.js';
import { oneLine } from '../terminal-text.js';
import { bytesText } from '../units.js';
import { closeText } from './closing.js';
import { tell } from './terminal.js';

/** From now on. */
export function logConnections(server: WebSocketServer<ReadAs>): void {
  let connections = 0;
  server.on('connection', (ws: WebSocketDuplex<ReadAs>) => log(ws, ++connections));
  server.on('refused', (error: Error) => tell(`refused: ${oneLine(error.message)}`));
}

function log(ws: WebSocketDuplex<ReadAs>, number: number): void {
  const { url = '', socket } = ws.request ?? {};
  const began = performance.now();
  tell(`#${number} open   ${socket?.remoteAddress}:${socket?.remotePort} ${oneLine(url)}`);
  ws.once('close', () => {
    const { bytesReceived, bytesSent } = ws.stats;
    const seconds = ((performance.now() - began) / 1_000).toFixed(1);
    void ws.closed.then((info) => {
      const amounts = `↓ ${bytesText(bytesReceived)}, ↑ ${bytesText(bytesSent)}, ${seconds} s`;
      tell(`#${number} closed ${closeText(info)}; ${amounts}`);
    });
  });
}
