/**
 * Load for an echo server: raw sockets, prebuilt masked frames, replies counted by their bytes.
 */
import { answer } from '../lib/answers.mjs';
import { blockOf, checkEcho, Exchange } from './exchange.mjs';
import { open, requestFor } from './handshake.mjs';

/** @type {{ exchange: Exchange | null }} */
const state = { exchange: null };

/** @param {import('./exchange.mjs').Workload & { port: number }} load */
async function openAll(load) {
  const block = blockOf(load, 'client');
  const request = requestFor(load.port);
  const exchange = new Exchange(load, block);
  for (let at = 0; at < load.connections; at++) {
    const { socket, onBytes } = await open({ port: load.port, request });
    if (at === 0) await checkEcho(socket, onBytes, block);
    const connection = exchange.add(socket);
    onBytes((_, count) => connection.take(count));
  }
  state.exchange = exchange;
}

answer({
  open: openAll,
  run: (how) => state.exchange?.run(how),
  close: () => state.exchange?.close(),
});
