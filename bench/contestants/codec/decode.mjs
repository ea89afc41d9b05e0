/**
 * What there is to decode: masked frames of one size, in the chunks that a socket gives.
 *
 * Knows: how much a lap is, and how it is checked: every message of the first lap is compared.
 * Does not know: any decoder. Decoders may unmask in place, so text, which must stay text, is copied anew for each lap;
 * binary payloads only change between masked and unmasked, which costs the same.
 */
import assert from 'node:assert/strict';
import { chunksOf, frameOf, headBytes, keyFor, noise, OPCODE, text } from '../../lib/frames.mjs';

/** @typedef {{ id: string, kind: string, size: number, count?: number }} CodecCase */
/** @typedef {(message: Buffer | string) => void} Deliver */

const LAP_BYTES = 65_536;
const FEW_FRAMES = 8;

/** @param {CodecCase} one */
function workOf({ kind, size }) {
  const isText = kind === 'decode-text';
  const count = Math.max(FEW_FRAMES, Math.floor(LAP_BYTES / (size + headBytes(size, true))));
  const payloadOf = (/** @type {number} */ at) => (isText ? text(size) : noise(size, at));
  const opcode = isText ? OPCODE.text : OPCODE.binary;
  const frames = Array.from({ length: count }, (_, at) => frameOf({ opcode, payload: payloadOf(at), key: keyFor(at) }));
  return { isText, count, payloadOf, wire: Buffer.concat(frames) };
}

/**
 * @param {CodecCase} one
 * @param {(deliver: Deliver) => (chunk: Buffer) => void} make A decoder: gives its messages to `deliver`.
 * @param {{ isAsync: boolean }} options Whether messages may come after the call that brought their bytes.
 * @returns {import('../../lib/measure.mjs').Lap}
 */
export function decodeLap(one, make, { isAsync }) {
  const { isText, count, payloadOf, wire } = workOf(one);
  let messages = 0;
  let bytes = 0;
  let isDone = () => {};
  /** @type {Deliver} */
  let look = () => {};
  const push = make((message) => {
    look(message);
    bytes += message.length;
    if (++messages === count) isDone();
  });
  const pristine = chunksOf(wire);
  const chunks = chunksOf(wire);
  const lap = () => {
    messages = 0;
    bytes = 0;
    for (const [at, chunk] of chunks.entries()) {
      if (isText) pristine[at]?.copy(chunk);
      push(chunk);
    }
  };
  const whole = () => {
    if (messages !== count || bytes !== count * one.size) throw new Error(`${messages} messages of ${count}`);
  };
  const runAsync = () =>
    new Promise((resolve) => {
      isDone = () => resolve(undefined);
      lap();
    }).then(whole);
  const runSync = () => {
    lap();
    whole();
  };
  const run = isAsync ? runAsync : runSync;
  return {
    run,
    isAsync,
    operations: count,
    bytes: count * one.size,
    check: async () => {
      look = (message) => assert.ok(payloadOf(messages).equals(Buffer.from(message)), `message ${messages} is wrong`);
      await run();
      look = () => {};
    },
  };
}
