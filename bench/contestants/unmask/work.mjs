/**
 * What there is to unmask, the same for every contestant.
 *
 * Knows: the kinds of cases, how a lap over each is checked against the byte-by-byte definition.
 * Does not know: any kernel.
 *
 * Kinds: `run`, one buffer, one call; `kernel`, the payloads of a chunk full of small frames, found beforehand for those who
 * cannot find them; `decoder`, the same chunk, with the headers read by whoever is a decoder; `frames`, the same, where everybody reads the
 * headers.
 */
import assert from 'node:assert/strict';
import { frameOf, headBytes, keyFor, masked, noise, OPCODE } from '../../lib/frames.mjs';

/** @typedef {{ id: string, kind: 'run' | 'kernel' | 'decoder' | 'frames', size: number, offset: number }} UnmaskCase */

const CHUNK_BYTES = 65_536;

/**
 * `size` masked bytes that begin `offset` bytes into an allocation: 6 is where a payload behind a short header lies.
 * @param {UnmaskCase} one
 */
export function runOf({ size, offset }) {
  const key = keyFor(0);
  const memory = Buffer.from(new ArrayBuffer(size + 16));
  const bytes = memory.subarray(offset, offset + size);
  masked(noise(size), key).copy(bytes);
  return { bytes, key, calls: Math.max(1, Math.floor(CHUNK_BYTES / size)) };
}

/**
 * A chunk as a socket gives it: masked frames side by side. Where each payload lies, and its key, are known.
 * @param {UnmaskCase} one
 */
export function chunkOf({ size }) {
  const frameBytes = size + headBytes(size, true);
  const count = Math.floor(CHUNK_BYTES / frameBytes);
  const frames = Array.from({ length: count }, (_, at) =>
    frameOf({ opcode: OPCODE.binary, payload: noise(size, at), key: keyFor(at) }),
  );
  const chunk = Buffer.from(new ArrayBuffer(count * frameBytes));
  Buffer.concat(frames).copy(chunk);
  const places = frames.map((_, at) => ({
    start: (at + 1) * frameBytes - size,
    end: (at + 1) * frameBytes,
    key: keyFor(at),
  }));
  return { chunk, count, places };
}

/**
 * A lap of calls on one run. An even or odd number of XORs, the bytes are never random garbage to the CPU.
 * @param {UnmaskCase} one
 * @param {(bytes: Buffer, key: Buffer) => void} unmask
 * @returns {import('../../lib/measure.mjs').Lap}
 */
export function runLap(one, unmask) {
  const { bytes, key, calls } = runOf(one);
  return {
    run: () => {
      for (let call = 0; call < calls; call++) unmask(bytes, key);
    },
    operations: calls,
    bytes: calls * one.size,
    check: () => {
      unmask(bytes, key);
      assert.ok(bytes.equals(noise(one.size)), 'a run is not unmasked');
    },
  };
}

/**
 * A lap over a chunk: `pass` unmasks every payload of it. `unmasked` makes such a pass and gives the payloads; by default
 * they lie in the chunk.
 * @param {UnmaskCase} one
 * @param {ReturnType<typeof chunkOf>} work
 * @param {() => void} pass
 * @param {() => Buffer[]} [unmasked]
 * @returns {import('../../lib/measure.mjs').Lap}
 */
export function chunkLap(one, { chunk, count, places }, pass, unmasked) {
  const inPlace = () => {
    pass();
    return places.map(({ start, end }) => chunk.subarray(start, end));
  };
  return {
    run: pass,
    operations: count,
    bytes: count * one.size,
    check: () => {
      for (const [at, payload] of (unmasked ?? inPlace)().entries()) {
        assert.ok(payload.equals(noise(one.size, at)), `frame ${at} is not unmasked`);
      }
    },
  };
}
