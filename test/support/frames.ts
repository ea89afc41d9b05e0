/**
 * Frames for tests, and the reading half of a reference codec: RFC 6455 §5.2 written out as plainly as possible, for one
 * whole wire. The writing half is src/arbitraries/raw-frame.ts.
 *
 * Knows: the layout of a frame, independently of src/codec.
 * Does not know: chunks, limits, violations.
 */
import { frameOf } from '../../src/arbitraries/raw-frame.js';
import type { Frame } from '../../src/codec/frame.js';

export {
  binary,
  close,
  continuation,
  frameOf,
  headerOf,
  ping,
  pong,
  text,
  type WireForm,
  wireOf,
} from '../../src/arbitraries/raw-frame.js';

/** One frame read back, with what its wire form was. */
export interface ReadFrame {
  readonly frame: Frame;
  /** The masking key's bytes as hex, or null. */
  readonly key: string | null;
  readonly lengthBytes: 0 | 2 | 8;
  /** Wire bytes of header and payload together. */
  readonly size: number;
}

/** The frames of a whole wire. Throws when the wire ends within one. */
export function readWire(wire: Uint8Array): ReadFrame[] {
  const read: ReadFrame[] = [];
  for (let at = 0; at < wire.length; ) {
    const one = readOne(Buffer.from(wire.buffer, wire.byteOffset + at, wire.length - at));
    read.push(one);
    at += one.size;
  }
  return read;
}

function readOne(wire: Buffer): ReadFrame {
  const [first = 0, second = 0] = wire;
  const short = second % 128;
  const lengthBytes = short === 127 ? 8 : short === 126 ? 2 : 0;
  let length = lengthBytes === 0 ? short : 0;
  for (const byte of wire.subarray(2, 2 + lengthBytes)) length = length * 256 + byte;
  const key = second >= 128 ? wire.subarray(2 + lengthBytes, 6 + lengthBytes) : null;
  const start = 2 + lengthBytes + (key?.length ?? 0);
  if (wire.length < start + length) throw new Error('The wire ends within a frame.');
  const payload = Buffer.from(wire.subarray(start, start + length).map((byte, i) => byte ^ (key?.[i % 4] ?? 0)));
  const bit = (value: number) => Math.floor(first / value) % 2 === 1;
  return {
    frame: frameOf(first % 16, payload, { fin: bit(128), rsv1: bit(64), rsv2: bit(32), rsv3: bit(16) }),
    key: key?.toString('hex') ?? null,
    lengthBytes,
    size: start + length,
  };
}

/** What a frame says, short enough for an assertion to print: `text "Hel"…`, `ping 0102`. */
export function labelOf({ opcode, fin, rsv1, rsv2, rsv3, payload }: Frame): string {
  const bits = [rsv1 ? '+rsv1' : '', rsv2 ? '+rsv2' : '', rsv3 ? '+rsv3' : ''].join('');
  const shown = payload.length <= 64 ? payload.toString('hex') : `${payload.length} bytes`;
  return `${opcode}${bits} ${shown}${fin ? '' : '…'}`;
}

/** True when both lists hold the same frames, payload bytes included. Faster than `toEqual` on large payloads. */
export function sameFrames(left: readonly Frame[], right: readonly Frame[]): boolean {
  return (
    left.length === right.length &&
    left.every((frame, at) => {
      const other = right[at];
      return other !== undefined && labelOf(frame) === labelOf(other) && frame.payload.equals(other.payload);
    })
  );
}
