/**
 * Frames for tests, and a reference codec: RFC 6455 §5.2 written out as plainly as possible, for one whole wire.
 *
 * Knows: the layout of a frame, independently of the sources.
 * Does not know: chunks, limits, violations.
 */
import type { Frame, Opcode } from '../../src/codec/frame.js';

/** A Buffer stays the very Buffer that it is. */
const bytes = (payload: string | Uint8Array): Buffer =>
  Buffer.isBuffer(payload) ? payload : Buffer.from(payload as string);

/** Any frame; reserved bits are clear unless asked for. */
export function frameOf(opcode: number, payload: string | Uint8Array = '', bits: Partial<Frame> = {}): Frame {
  const plain = { fin: true, rsv1: false, rsv2: false, rsv3: false, payload: bytes(payload) };
  return { opcode: opcode as Opcode, ...plain, ...bits };
}

export const text = (payload: string | Uint8Array, fin = true): Frame => frameOf(1, payload, { fin });
export const binary = (payload: string | Uint8Array, fin = true): Frame => frameOf(2, payload, { fin });
export const continuation = (payload: string | Uint8Array, fin = true): Frame => frameOf(0, payload, { fin });
export const ping = (payload: string | Uint8Array = ''): Frame => frameOf(9, payload);
export const pong = (payload: string | Uint8Array = ''): Frame => frameOf(10, payload);

/** A close frame; without a code its payload is empty. */
export function close(code?: number, reason = ''): Frame {
  if (code === undefined) return frameOf(8);
  return frameOf(8, Buffer.concat([Buffer.from([code >> 8, code & 255]), Buffer.from(reason)]));
}

export interface WireForm {
  /** The four key bytes; none for an unmasked frame. */
  readonly key?: Uint8Array | undefined;
  /** 0, 2 or 8 bytes of extended length; the shortest form when absent. */
  readonly lengthBytes?: 0 | 2 | 8 | undefined;
}

/** The wire bytes of one frame, legal or not. */
export function wireOf(frame: Frame, { key, lengthBytes }: WireForm = {}): Buffer {
  const { payload } = frame;
  const size = lengthBytes ?? (payload.length < 126 ? 0 : payload.length < 65_536 ? 2 : 8);
  const bits = [frame.fin, frame.rsv1, frame.rsv2, frame.rsv3].map((bit, at) => (bit ? 0x80 >> at : 0));
  const first = bits.reduce((sum, bit) => sum + bit, frame.opcode);
  const length = Buffer.alloc(size);
  for (let i = 0; i < size; i++) length[size - 1 - i] = Math.floor(payload.length / 256 ** i) % 256;
  const second = (key === undefined ? 0 : 0x80) + (size === 0 ? payload.length : size === 2 ? 126 : 127);
  const masked = payload.map((byte, i) => byte ^ (key?.[i % 4] ?? 0));
  return Buffer.concat([Buffer.from([first, second]), length, key ?? Buffer.alloc(0), masked]);
}

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
