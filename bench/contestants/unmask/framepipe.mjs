/**
 * Our own unmasking: the kernel alone, and as the decoder does it, through one window a chunk.
 */
import { FrameParser } from '../../../dist/codec/frame-parser.js';
import { MaskWindow, unmask } from '../../../dist/codec/mask.js';
import { chunkLap, chunkOf, runLap } from './work.mjs';

/** @param {import('./work.mjs').UnmaskCase} one */
export function lap(one) {
  if (one.kind === 'run') return runLap(one, (bytes, key) => unmask(bytes, key.readInt32LE(0)));
  const work = chunkOf(one);
  if (one.kind === 'kernel') return chunkLap(one, work, kernelPass(work));
  return chunkLap(one, work, parserPass(work), () => parsed(work));
}

/** @param {ReturnType<typeof chunkOf>} work */
function kernelPass({ chunk, places }) {
  const known = places.map(({ start, end, key }) => ({ start, end, key: key.readInt32LE(0) }));
  return () => {
    const window = new MaskWindow(chunk);
    for (const { start, end, key } of known) window.xor(start, end, key, 0);
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
