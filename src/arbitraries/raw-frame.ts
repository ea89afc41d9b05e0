/**
 * Frames as a peer may send them, legal or not, and their bytes: RFC 6455 §5.2 written out as plainly as possible.
 *
 * Knows: the layout of a frame, independently of src/codec, so that a mistake there is not repeated here.
 * Does not know: what is legal.
 */
import { Buffer } from 'node:buffer';
import type { Frame, Opcode } from '../codec/frame.js';

/** How a frame is put on the wire. */
export interface WireForm {
  /** The four key bytes; none for an unmasked frame. */
  readonly key?: Uint8Array | undefined;
  /** 0, 2 or 8 bytes of extended length; the shortest form when absent. */
  readonly lengthBytes?: 0 | 2 | 8 | undefined;
}

const NAMES: Readonly<Record<number, string>> = {
  0: 'continuation',
  1: 'text',
  2: 'binary',
  8: 'close',
  9: 'ping',
  10: 'pong',
};

/** Payloads up to this many bytes are printed. */
const PRINTED_BYTES = 24;

/** Any frame; reserved bits are clear and FIN is set unless asked for. A Buffer stays the very Buffer that it is. */
export function frameOf(opcode: number, payload: string | Uint8Array = '', bits: Partial<Frame> = {}): Frame {
  const bytes = Buffer.isBuffer(payload) ? payload : Buffer.from(payload as string);
  const plain = { fin: true, rsv1: false, rsv2: false, rsv3: false, payload: bytes };
  return { opcode: opcode as Opcode, ...plain, ...bits };
}

/** A text frame; with `fin` false the first fragment of a message. */
export const text = (payload: string | Uint8Array, fin = true): Frame => frameOf(1, payload, { fin });
/** A binary frame; with `fin` false the first fragment of a message. */
export const binary = (payload: string | Uint8Array, fin = true): Frame => frameOf(2, payload, { fin });
/** The next fragment of a message. */
export const continuation = (payload: string | Uint8Array, fin = true): Frame => frameOf(0, payload, { fin });
/** A ping. */
export const ping = (payload: string | Uint8Array = ''): Frame => frameOf(9, payload);
/** A pong. */
export const pong = (payload: string | Uint8Array = ''): Frame => frameOf(10, payload);

/** A close frame; without a code its payload is empty. */
export function close(code?: number, reason = ''): Frame {
  if (code === undefined) return frameOf(8);
  return frameOf(8, Buffer.concat([Buffer.from([code >> 8, code & 255]), Buffer.from(reason)]));
}

/** The header of one frame, legal or not: `length` is what it announces. */
export function headerOf(
  frame: Omit<Frame, 'payload'>,
  length: number | bigint,
  { key, lengthBytes }: WireForm,
): Buffer {
  const size = lengthBytes ?? (length < 126 ? 0 : length < 65_536 ? 2 : 8);
  const bits = [frame.fin, frame.rsv1, frame.rsv2, frame.rsv3].map((bit, at) => (bit ? 0x80 >> at : 0));
  const first = bits.reduce((sum, bit) => sum + bit, frame.opcode);
  const extended = Buffer.from(BigInt(length).toString(16).padStart(16, '0'), 'hex').subarray(8 - size);
  const second = (key === undefined ? 0 : 0x80) + (size === 0 ? Number(length) : size === 2 ? 126 : 127);
  return Buffer.concat([Buffer.from([first, second]), extended, key ?? Buffer.alloc(0)]);
}

/** The wire bytes of one frame, legal or not. */
export function wireOf(frame: Frame, form: WireForm = {}): Buffer {
  const { payload } = frame;
  const masked = payload.map((byte, i) => byte ^ (form.key?.[i % 4] ?? 0));
  return Buffer.concat([headerOf(frame, payload.length, form), masked]);
}

/** What a frame says, for people: `text "Hel" …`, `ping 0102`, `binary of 300 bytes`, `opcode 3 +rsv1`. */
export function describeFrame({ opcode, fin, rsv1, rsv2, rsv3, payload }: Frame): string {
  const bits = [rsv1 ? ' +rsv1' : '', rsv2 ? ' +rsv2' : '', rsv3 ? ' +rsv3' : ''].join('');
  const latin = payload.toString('latin1');
  const shown = /^[ -~]*$/.test(latin) ? JSON.stringify(latin) : payload.toString('hex');
  const content = payload.length > PRINTED_BYTES ? `of ${payload.length} bytes` : shown;
  return `${NAMES[opcode] ?? `opcode ${opcode}`}${bits} ${content}${fin ? '' : ' …'}`;
}
