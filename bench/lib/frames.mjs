/**
 * Frames as a peer sends them, made beforehand.
 *
 * Knows: the layout of a frame (RFC 6455 §5.2), written out once more so that no contestant's own code makes the load.
 * Does not know: who will read them.
 */

export const OPCODE = /** @type {const} */ ({ text: 1, binary: 2, close: 8 });

/**
 * One whole message as one frame.
 * @param {{ opcode: number, payload: Buffer, key?: Buffer | null, rsv1?: boolean }} frame `key` null: not masked.
 */
export function frameOf({ opcode, payload, key = null, rsv1 = false }) {
  const { length } = payload;
  const wide = length < 126 ? 0 : length < 65_536 ? 2 : 8;
  const head = Buffer.alloc(2 + wide + (key === null ? 0 : 4));
  head[0] = 0x80 | (rsv1 ? 0x40 : 0) | opcode;
  head[1] = (key === null ? 0 : 0x80) | (wide === 0 ? length : wide === 2 ? 126 : 127);
  if (wide === 2) head.writeUInt16BE(length, 2);
  if (wide === 8) head.writeBigUInt64BE(BigInt(length), 2);
  if (key === null) return Buffer.concat([head, payload]);
  key.copy(head, 2 + wide);
  return Buffer.concat([head, masked(payload, key)]);
}

/**
 * @param {Buffer} payload
 * @param {Buffer} key
 */
export function masked(payload, key) {
  const out = Buffer.allocUnsafe(payload.length);
  for (let i = 0; i < payload.length; i++) out[i] = (payload[i] ?? 0) ^ (key[i & 3] ?? 0);
  return out;
}

/** The header's bytes for a payload of `length`. @type {(length: number, isMasked: boolean) => number} */
export function headBytes(length, isMasked) {
  return (length < 126 ? 2 : length < 65_536 ? 4 : 10) + (isMasked ? 4 : 0);
}

/** Bytes that look like nothing in particular, the same ones each time. @type {(size: number, seed?: number) => Buffer} */
export function noise(size, seed = 1) {
  const bytes = Buffer.allocUnsafe(size);
  let state = seed * 2_654_435_761;
  for (let i = 0; i < size; i++) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    bytes[i] = state >>> 24;
  }
  return bytes;
}

/** ASCII text of `size` bytes. @type {(size: number) => Buffer} */
export function text(size) {
  return Buffer.from('The quick brown fox jumps over the lazy dog. '.repeat(Math.ceil(size / 45)).slice(0, size));
}

/** A key for the frame number `at`. @type {(at: number) => Buffer} */
export function keyFor(at) {
  return noise(4, at + 7);
}

/**
 * The frames that a run of whole ones holds, unmasked. For checks only: it is slow.
 * @param {Buffer} wire
 */
export function framesIn(wire) {
  const frames = [];
  for (let at = 0; at < wire.length; ) {
    const second = wire[at + 1] ?? 0;
    const short = second & 127;
    const wide = short === 126 ? 2 : short === 127 ? 8 : 0;
    const size = wide === 0 ? short : wide === 2 ? wire.readUInt16BE(at + 2) : Number(wire.readBigUInt64BE(at + 2));
    const isMasked = second > 127;
    const from = at + 2 + wide + (isMasked ? 4 : 0);
    const payload = wire.subarray(from, from + size);
    frames.push({
      opcode: (wire[at] ?? 0) & 15,
      rsv1: ((wire[at] ?? 0) & 0x40) !== 0,
      isMasked,
      payload: isMasked ? masked(payload, wire.subarray(from - 4, from)) : payload,
    });
    at = from + size;
  }
  return frames;
}

/**
 * The wire as a socket gives it: chunks of at most 64 KiB, each in memory of its own.
 * @param {Buffer} wire
 */
export function chunksOf(wire) {
  const chunks = [];
  for (let at = 0; at < wire.length; at += 65_536) {
    const piece = wire.subarray(at, at + 65_536);
    const chunk = Buffer.from(new ArrayBuffer(piece.length));
    piece.copy(chunk);
    chunks.push(chunk);
  }
  return chunks;
}
