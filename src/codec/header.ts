/**
 * The first 2 to 14 bytes of a frame (RFC 6455 §5.2).
 *
 * Knows: the layout of a header, which headers are legal for our role and limits, and which byte proves that one is not.
 * Does not know: where the bytes come from, or what was in the frames before, except whether a message is open.
 */
import { type ViolationName, violation } from '../errors.js';
import { isControl, MAX_CONTROL_BYTES, Opcode, type Role } from './frame.js';

/** The longest header: 2 bytes, a 64-bit length, a masking key. */
export const MAX_HEADER_BYTES = 14;

/** What a header is judged by. */
export interface HeaderRules {
  /** Our role: a server demands masked frames, a client refuses them (§5.1). */
  readonly role: Role;
  /** The largest payload of a data frame, in bytes. */
  readonly maxFrameBytes: number;
  /** True when an extension gives RSV1 a meaning on the first frame of a data message (RFC 7692 §6). */
  readonly rsv1: boolean;
}

/** A decoded header. One object is filled again and again: take what you need before the next header is read. */
export interface FrameHeader {
  opcode: Opcode;
  fin: boolean;
  rsv1: boolean;
  masked: boolean;
  /** Payload bytes. */
  length: number;
  /** The masking key as a little-endian 32-bit integer: its byte i masks payload bytes i, i+4, … Zero when unmasked. */
  key: number;
}

/** Where in the wire a header stands: facts for the error that it may cause. */
export interface Position {
  /** Bytes on the wire before this header. */
  readonly offset: number;
  /** Frames before this one. */
  readonly frame: number;
}

const FIN = 0x80;
const RSV1 = 0x40;
const RSV2_RSV3 = 0x30;
const MASK = 0x80;
const KEY_BYTES = 4;

/** A header for `readHeader` to fill. */
export function emptyHeader(): FrameHeader {
  return { opcode: 0, fin: false, rsv1: false, masked: false, length: 0, key: 0 };
}

/**
 * Reads the header that starts at `at` into `header`. Returns its size in bytes, or 0 while `available` bytes are too
 * few. Throws at the first byte that proves the header illegal, however few there are.
 * `open` tells whether a fragmented message waits for its continuation.
 */
export function readHeader(
  bytes: Uint8Array,
  at: number,
  available: number,
  rules: HeaderRules,
  open: boolean,
  position: Position,
  header: FrameHeader,
): number {
  if (available < 1) return 0;
  const first = bytes[at] as number;
  const broken = judgeFirstByte(first, rules, open);
  if (broken !== null) throw violation(broken, { opcode: first & 15, ...at0(position) });
  if (available < 2) return 0;

  const second = bytes[at + 1] as number;
  const masked = (second & MASK) !== 0;
  const short = second & 127;
  judgeSecondByte(first & 15, masked, short, rules, position);

  const lengthBytes = short < 126 ? 0 : short === 126 ? 2 : 8;
  const size = 2 + lengthBytes + (masked ? KEY_BYTES : 0);
  const length = lengthBytes === 0 ? short : readLength(bytes, at + 2, lengthBytes, available - 2, rules, position);
  if (available < size) return 0;

  header.opcode = (first & 15) as Opcode;
  header.fin = (first & FIN) !== 0;
  header.rsv1 = (first & RSV1) !== 0;
  header.masked = masked;
  header.length = length;
  header.key = masked ? readKey(bytes, at + size - KEY_BYTES) : 0;
  return size;
}

/** Everything that byte 0 alone can prove. */
function judgeFirstByte(first: number, rules: HeaderRules, open: boolean): ViolationName | null {
  const opcode = first & 15;
  if ((opcode > 2 && opcode < 8) || opcode > 10) return 'RESERVED_OPCODE';
  if ((first & RSV2_RSV3) !== 0) return 'RESERVED_BIT';
  if ((first & RSV1) !== 0 && !(rules.rsv1 && (opcode === 1 || opcode === 2))) return 'RESERVED_BIT';
  if (opcode >= 8) return (first & FIN) === 0 ? 'CONTROL_FRAGMENTED' : null;
  if (opcode === 0) return open ? null : 'CONTINUATION_UNEXPECTED';
  return open ? 'CONTINUATION_EXPECTED' : null;
}

function judgeSecondByte(opcode: number, masked: boolean, short: number, rules: HeaderRules, position: Position): void {
  if (masked !== (rules.role === 'server')) {
    throw violation(masked ? 'MASK_UNEXPECTED' : 'MASK_MISSING', atByte(position, 1));
  }
  if (isControl(opcode)) {
    if (short > MAX_CONTROL_BYTES) throw violation('CONTROL_TOO_LONG', { opcode, ...atByte(position, 1) });
    // One byte is half a close code (§5.5.1), whichever it is.
    if (short === 1 && opcode === Opcode.close) throw violation('CLOSE_TRUNCATED', atByte(position, 1));
    return;
  }
  if (short < 126 && short > rules.maxFrameBytes) throw tooBig(short, rules, atByte(position, 1));
}

/**
 * The extended length, from as many of its bytes as are here. `available` counts from its first byte.
 * A length that is not complete yet is judged by the range of values that it can still become.
 */
function readLength(
  bytes: Uint8Array,
  at: number,
  size: 2 | 8,
  available: number,
  rules: HeaderRules,
  position: Position,
): number {
  const smallest = size === 2 ? 126 : 65_536;
  if (available >= size) {
    const length = size === 2 ? readUint16(bytes, at) : readUint32(bytes, at) * 2 ** 32 + readUint32(bytes, at + 4);
    if (length >= smallest && length <= rules.maxFrameBytes && length <= Number.MAX_SAFE_INTEGER) return length;
  }
  let prefix = 0;
  for (let i = 0; i < size && i < available; i++) {
    prefix = prefix * 256 + (bytes[at + i] as number);
    const unit = 256 ** (size - 1 - i);
    const least = prefix * unit;
    if (least >= 2 ** 63) throw violation('LENGTH_SIGN_BIT', atByte(position, 2 + i));
    if ((prefix + 1) * unit <= smallest) throw violation('LENGTH_NOT_MINIMAL', atByte(position, 2 + i));
    if (least > rules.maxFrameBytes) throw tooBig(least, rules, atByte(position, 2 + i));
    // Above 2^53 a length is no longer exact; no limit is needed to refuse it, nobody can send it.
    if (least > Number.MAX_SAFE_INTEGER) throw tooBig(least, rules, atByte(position, 2 + i));
  }
  return prefix;
}

function readUint16(bytes: Uint8Array, at: number): number {
  return ((bytes[at] as number) << 8) | (bytes[at + 1] as number);
}

function readUint32(bytes: Uint8Array, at: number): number {
  return readUint16(bytes, at) * 65_536 + readUint16(bytes, at + 2);
}

function readKey(bytes: Uint8Array, at: number): number {
  return (
    (bytes[at] as number) |
    ((bytes[at + 1] as number) << 8) |
    ((bytes[at + 2] as number) << 16) |
    ((bytes[at + 3] as number) << 24)
  );
}

function tooBig(atLeast: number, rules: HeaderRules, facts: { offset: number; frame: number }) {
  return violation('FRAME_TOO_BIG', { atLeast, maxFrameBytes: rules.maxFrameBytes, ...facts });
}

function at0(position: Position): { offset: number; frame: number } {
  return atByte(position, 0);
}

function atByte(position: Position, index: number): { offset: number; frame: number } {
  return { offset: position.offset + index, frame: position.frame };
}

/** The bytes that a header needs for a payload of `length` bytes, in its shortest form. */
export function headerBytes(length: number, masked: boolean): number {
  return (length < 126 ? 2 : length < 65_536 ? 4 : 10) + (masked ? KEY_BYTES : 0);
}

/** Byte 0 of a header. `reserved` holds RSV1 to RSV3 as the bits 4, 2 and 1. */
export function firstByte(opcode: Opcode, fin: boolean, reserved: number): number {
  return (fin ? FIN : 0) | (reserved << 4) | opcode;
}

/**
 * Writes a header at `at` and returns the index after it. A `key` of null writes an unmasked header.
 * `target` must have room for `headerBytes(length, key !== null)`.
 */
export function writeHeader(target: Uint8Array, at: number, first: number, length: number, key: number | null): number {
  const mask = key === null ? 0 : MASK;
  let next = at;
  target[next++] = first;
  if (length < 126) {
    target[next++] = mask | length;
  } else if (length < 65_536) {
    target[next++] = mask | 126;
    target[next++] = length >>> 8;
    target[next++] = length & 255;
  } else {
    target[next++] = mask | 127;
    next = writeUint32(target, next, Math.floor(length / 2 ** 32));
    next = writeUint32(target, next, length);
  }
  if (key === null) return next;
  target[next++] = key & 255;
  target[next++] = (key >>> 8) & 255;
  target[next++] = (key >>> 16) & 255;
  target[next++] = key >>> 24;
  return next;
}

/** Writes the low 32 bits of `value`, the highest byte first; returns the index after them. */
function writeUint32(target: Uint8Array, at: number, value: number): number {
  target[at] = value >>> 24;
  target[at + 1] = (value >>> 16) & 255;
  target[at + 2] = (value >>> 8) & 255;
  target[at + 3] = value & 255;
  return at + 4;
}
