/**
 * The halves of a WebSocketDuplex: what stands where ws has its Receiver and its Sender.
 *
 * Knows: how src/duplex puts them together. They are internal, so this file changes with them.
 * Does not know: the work.
 */
import { Socket } from 'node:net';
import { deliveryFor } from '../../../dist/duplex/delivery.js';
import { webSocketSettings } from '../../../dist/duplex/options.js';
import { Receiver } from '../../../dist/duplex/receiver.js';
import { Sender } from '../../../dist/duplex/sender.js';
import { decodeLap } from './decode.mjs';
import { encodeLap, roleOf } from './encode.mjs';
import { bytesLap, framesLap } from './linear.mjs';

/** @param {import('./decode.mjs').CodecCase} one */
export function lap(one) {
  if (one.kind === 'linear-bytes' || one.kind === 'linear-streams') return bytesLap(one);
  if (one.kind === 'linear-frames') return framesLap(one);
  return one.kind.startsWith('decode')
    ? decodeLap(one, receiver, { isAsync: false })
    : encodeLap(one, senderFor(one), { isAsync: false });
}

/** @param {import('./decode.mjs').Deliver} deliver */
function receiver(deliver) {
  const settings = webSocketSettings({});
  const owner = {
    push: (/** @type {any} */ message) => {
      deliver(message);
      return true;
    },
    reportMessage: () => {},
    forwardsTo: null,
    relay: () => false,
    messagesReceived: 0,
    resume: () => {},
    abandoned: () => {},
    control: () => {},
    violated: (/** @type {Error} */ error) => {
      throw error;
    },
    socket: null,
  };
  // A socket that is never connected: as on a real one, payloads are unmasked where they lie.
  const half = new Receiver(owner, new Socket(), deliveryFor(settings, owner), {
    role: 'server',
    maxFrameBytes: settings.maxFrameBytes,
    inflated: null,
    turn: null,
  });
  return (/** @type {Buffer} */ chunk) => half.receive(chunk);
}

/** @param {import('./decode.mjs').CodecCase} one */
function senderFor(one) {
  return (/** @type {any} */ sink) => {
    const half = new Sender({ drained: () => {}, socket: null }, sink, roleOf(one));
    return (/** @type {readonly Buffer[]} */ messages) => {
      for (const message of messages) half.binary(message);
      half.flush();
    };
  };
}
