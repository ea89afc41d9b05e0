/**
 * websocket-driver's protocol object, which is a decoder and an encoder in one. As a server only.
 */
import { peer } from '../../lib/peer.mjs';
import { decodeLap } from './decode.mjs';
import { encodeLap } from './encode.mjs';

const driver = peer('websocket-driver');

/** @param {import('./decode.mjs').CodecCase} one */
export function lap(one) {
  return one.kind.startsWith('decode')
    ? decodeLap(one, decoder, { isAsync: false })
    : encodeLap(one, encoder, { isAsync: false });
}

function open() {
  const headers = {
    host: 'localhost',
    connection: 'Upgrade',
    upgrade: 'websocket',
    'sec-websocket-version': '13',
    'sec-websocket-key': Buffer.alloc(16).toString('base64'),
  };
  return driver.http({ method: 'GET', url: '/', headers, connection: {} });
}

/** @param {import('./decode.mjs').Deliver} deliver */
function decoder(deliver) {
  const socket = open();
  socket.io.on('data', () => {});
  socket.on('message', (/** @type {{ data: Buffer | string }} */ event) => deliver(event.data));
  socket.start();
  return (/** @type {Buffer} */ chunk) => socket.parse(chunk);
}

/** @param {import('node:stream').Writable} sink */
function encoder(sink) {
  const socket = open();
  let isOpen = false;
  socket.io.on('data', (/** @type {Buffer} */ bytes) => {
    if (isOpen) sink.write(bytes);
  });
  socket.start();
  isOpen = true;
  return (/** @type {readonly Buffer[]} */ messages) => {
    for (const message of messages) socket.binary(message);
  };
}
