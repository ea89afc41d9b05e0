/**
 * The Receiver and the Sender of ws; with WS_NO_BUFFER_UTIL set, without its native add-on.
 *
 * Knows: the options that ws's own WebSocket gives them. Text becomes a string, as in any program that uses it.
 */
import { peer } from '../../lib/peer.mjs';
import { decodeLap } from './decode.mjs';
import { encodeLap, roleOf } from './encode.mjs';

const { Receiver, Sender } = peer('ws');

/** @param {import('./decode.mjs').CodecCase} one */
export function lap(one) {
  return one.kind.startsWith('decode')
    ? decodeLap(one, receiver, { isAsync: false })
    : encodeLap(one, senderFor(one), { isAsync: false });
}

/** @param {import('./decode.mjs').Deliver} deliver */
function receiver(deliver) {
  const half = new Receiver({ isServer: true, maxPayload: 100 * 1024 * 1024, allowSynchronousEvents: true });
  half.on('message', (/** @type {Buffer} */ data, /** @type {boolean} */ isBinary) =>
    deliver(isBinary ? data : data.toString()),
  );
  return (/** @type {Buffer} */ chunk) => half.write(chunk);
}

/** @param {import('./decode.mjs').CodecCase} one */
function senderFor(one) {
  const options = { binary: true, fin: true, compress: false, mask: roleOf(one) === 'client' };
  return (/** @type {import('node:stream').Writable} */ sink) => {
    const half = new Sender(sink, {});
    return (/** @type {readonly Buffer[]} */ messages) => {
      for (const message of messages) half.send(message, options);
    };
  };
}
