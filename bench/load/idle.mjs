/**
 * Many connections that do nothing, or that have done one exchange.
 *
 * Knows: how to open them a few at a time. Each server listens on a port of its own, so ports do not run short.
 * Does not know: the server. Prebuilt messages of `exchange` are sent on each connection and the replies waited for.
 */
import { answer } from '../lib/answers.mjs';
import { open, requestFor } from './handshake.mjs';

const AT_ONCE = 64;

/** @type {{ sockets: import('node:net').Socket[] }} */
const state = { sockets: [] };

/** @typedef {{ port: number, connections: number, extensions?: string, message?: string, replyBytes?: number }} Crowd */

/** @param {Crowd} crowd @param {Buffer} request */
async function openOne({ port, message, replyBytes }, request) {
  const { socket, onBytes } = await open({ port, request, readBytes: 512 });
  state.sockets.push(socket);
  if (message === undefined) {
    onBytes(() => {});
    return;
  }
  let got = 0;
  const replied = new Promise((resolve) => {
    onBytes((_, count) => {
      got += count;
      if (got >= (replyBytes ?? 2)) resolve(undefined);
    });
  });
  socket.write(Buffer.from(message, 'base64'));
  await replied;
}

/** @param {Crowd} crowd */
async function openAll(crowd) {
  const request = requestFor(crowd.port, crowd.extensions);
  let next = 0;
  const line = async () => {
    while (next++ < crowd.connections) await openOne(crowd, request);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, line));
}

async function closeAll() {
  const closed = state.sockets.map((socket) => new Promise((resolve) => socket.once('close', resolve)));
  for (const socket of state.sockets) socket.destroy();
  state.sockets = [];
  await Promise.all(closed);
}

answer({ open: openAll, close: closeAll });
