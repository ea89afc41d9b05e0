/**
 * Anybody's `unmask(bytes, key)`, called once a frame, as every peer does it.
 *
 * Knows: what a peer has to do around the call: nothing where the payloads were found beforehand; read the header and make
 * two views where it reads the frames itself.
 * Does not know: the kernels.
 */
import { chunkLap, chunkOf, runLap } from './work.mjs';

/**
 * @param {(bytes: Buffer, key: Buffer) => void} unmask
 * @returns {(one: import('./work.mjs').UnmaskCase) => import('../../lib/measure.mjs').Lap}
 */
export function lapOf(unmask) {
  return (one) => {
    if (one.kind === 'run') return runLap(one, unmask);
    const work = chunkOf(one);
    return chunkLap(one, work, one.kind === 'frames' ? framesPass(work, unmask) : callsPass(work, unmask));
  };
}

/**
 * The bare calls: views and keys were made beforehand.
 * @param {ReturnType<typeof chunkOf>} work
 * @param {(bytes: Buffer, key: Buffer) => void} unmask
 */
function callsPass({ chunk, places }, unmask) {
  const calls = places.map(({ start, end, key }) => ({ bytes: chunk.subarray(start, end), key }));
  return () => {
    for (const { bytes, key } of calls) unmask(bytes, key);
  };
}

/**
 * A bare header parser, without a single check, around the calls.
 * @param {ReturnType<typeof chunkOf>} work
 * @param {(bytes: Buffer, key: Buffer) => void} unmask
 */
function framesPass({ chunk }, unmask) {
  return () => {
    for (let at = 0; at < chunk.length; ) {
      const short = (chunk[at + 1] ?? 0) & 127;
      const size = short === 126 ? chunk.readUInt16BE(at + 2) : short;
      const keyAt = at + (short === 126 ? 4 : 2);
      at = keyAt + 4 + size;
      unmask(chunk.subarray(keyAt + 4, at), chunk.subarray(keyAt, keyAt + 4));
    }
  };
}
