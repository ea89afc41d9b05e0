/**
 * Our composable stages, `FrameDecoder` and `FrameEncoder`, as Transform streams with a listener at their end.
 */
import { FrameDecoder, FrameEncoder, Opcode } from '../../../dist/index.js';
import { decodeLap } from './decode.mjs';
import { encodeLap, roleOf } from './encode.mjs';

/** @param {import('./decode.mjs').CodecCase} one */
export function lap(one) {
  return one.kind.startsWith('decode')
    ? decodeLap(one, decoder, { isAsync: true })
    : encodeLap(one, encoderFor(one), { isAsync: true });
}

/** @param {import('./decode.mjs').Deliver} deliver */
function decoder(deliver) {
  const stage = new FrameDecoder({ role: 'server', unmask: 'in-place' });
  stage.on('data', (frame) => deliver(frame.opcode === Opcode.text ? frame.payload.toString() : frame.payload));
  return (/** @type {Buffer} */ chunk) => void stage.write(chunk);
}

/** @param {import('./decode.mjs').CodecCase} one */
function encoderFor(one) {
  return (/** @type {import('node:stream').Writable} */ sink) => {
    const stage = new FrameEncoder({ role: roleOf(one) });
    stage.on('data', (bytes) => sink.write(bytes));
    return (/** @type {readonly Buffer[]} */ messages) =>
      new Promise((/** @type {(value: void) => void} */ resolve) => {
        for (const payload of messages) {
          stage.write({ opcode: Opcode.binary, fin: true, rsv1: false, rsv2: false, rsv3: false, payload });
        }
        setImmediate(resolve);
      });
  };
}
