/**
 * Our own unmasking: a run of bytes, and frames of a chunk as the decoder does it, by the kernel alone and with the parser.
 */
import { FrameParser } from '../../../dist/codec/frame-parser.js';
import { unmask } from '../../../dist/codec/mask.js';
import { STEP_BYTES, VECTORS } from '../../../dist/codec/mask-vector.js';
import { chunkLap, chunkOf, runLap } from './work.mjs';

/** @param {import('./work.mjs').UnmaskCase} one */
export function lap(one) {
  if (one.kind === 'run') return runLap(one, (bytes, key) => unmask(bytes, key.readInt32LE(0)));
  const work = chunkOf(one);
  if (one.kind === 'kernel') return chunkLap(one, work, kernelPass(work));
  return chunkLap(one, work, parserPass(work), () => parsed(work));
}

const BINARY = 0x82;

/** Runs of frames, each with one call. The kernel finds the headers by itself. @param {ReturnType<typeof chunkOf>} work */
function kernelPass({ chunk }) {
  const { isAvailable } = VECTORS;
  return () => {
    if (!isAvailable) throw new Error('There are no vectors here.');
    for (let at = 0; at < chunk.length; ) {
      const length = VECTORS.frames(chunk, at, Math.min(STEP_BYTES, chunk.length - at), BINARY, 1_024);
      VECTORS.takeFrames(length, chunk, at);
      at += length;
    }
  };
}

const RULES = { role: /** @type {const} */ ('server'), maxFrameBytes: 2 ** 24, rsv1: false };

/** @param {ReturnType<typeof chunkOf>} work */
function parserPass({ chunk, count }) {
  const parser = new FrameParser(RULES, 'in-place');
  return () => {
    parser.push(chunk);
    let frames = 0;
    while (parser.next() !== null) frames++;
    if (frames !== count) throw new Error(`${frames} frames of ${count}`);
  };
}

/** The payloads, wherever the parser has put them. @param {ReturnType<typeof chunkOf>} work */
function parsed({ chunk }) {
  const parser = new FrameParser(RULES, 'in-place');
  parser.push(chunk);
  const payloads = [];
  for (let part = parser.next(); part !== null; part = parser.next()) {
    payloads.push(Buffer.from(part.bytes.subarray(part.start, part.end)));
  }
  return payloads;
}
