/**
 * A raw TCP client. For each wire that it is given, `{ head, wire, end }`, it opens a connection, sends `head` or a good
 * handshake, then the bytes (hex), ends as told ('wait', 'half-close' or 'reset'), and reports all that came back, as hex.
 */
import { connect } from 'node:net';
import { obey, report, told } from './parent.mjs';
import { connectRaw } from './raw-socket.mjs';

const port = await told('port');

async function open(head) {
  if (head === undefined) return connectRaw(port);
  const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
  socket.on('error', () => {});
  socket.write(head);
  return socket;
}

async function attack({ head, wire, end }) {
  const socket = await open(head);
  const chunks = [];
  socket.on('data', (chunk) => chunks.push(chunk));
  socket.on('end', () => socket.end());
  socket.on('close', () => report('answer', Buffer.concat(chunks).toString('hex')));
  for (const part of [wire].flat()) socket.write(Buffer.from(part, 'hex'));
  if (end === 'half-close') socket.end();
  if (end === 'reset') socket.resetAndDestroy();
}

await obey({ attack });
