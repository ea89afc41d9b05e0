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
  return chunkLap(one, work, one.kind === 'kernel' ? kernelPass(work) : parserPass(work));
}

/** @param {ReturnType<typeof chunkOf>} work */
function kernelPass({ chunk, places }) {
  const known = places.map(({ start, end, key }) => ({ start, end, key: key.readInt32LE(0) }));
  return () => {
    const window = new MaskWindow(chunk);
    for (const { start, end, key } of known) window.xor(start, end, key, 0);
  };
}

/** @param {ReturnType<typeof chunkOf>} work */
function parserPass({ chunk, count }) {
  const parser = new FrameParser({ role: 'server', maxFrameBytes: 2 ** 24, rsv1: false }, 'in-place');
  return () => {
    parser.push(chunk);
    let frames = 0;
    while (parser.next() !== null) frames++;
    if (frames !== count) throw new Error(`${frames} frames of ${count}`);
  };
}
