/**
 * The packets of a pcapng file (draft-ietf-opsawg-pcapng).
 *
 * Knows: sections in either byte order, interfaces with their clocks, enhanced packet blocks; it passes over all others.
 * Does not know: what is in a packet (packet.ts).
 */
import type { Packet } from './pcap.js';
import { CaptureError } from './raw.js';

const SECTION = 0x0a0d0d0a;
const INTERFACE = 1;
const ENHANCED_PACKET = 6;
const BYTE_ORDER = 0x1a2b3c4d;
const SMALLEST_BLOCK_BYTES = 12;
/** Bytes of a block up to its options or its data. */
const HEAD_BYTES: Readonly<Record<number, number>> = { [SECTION]: 24, [INTERFACE]: 16, [ENHANCED_PACKET]: 28 };

const TIME_RESOLUTION = 9;
const TIME_OFFSET = 14;

/** The last moment that a Date can hold. */
const MAX_MS = 8.64e15;

/** Reads numbers of one section. */
interface Reader {
  u16(at: number): number;
  u32(at: number): number;
  u64(at: number): number;
}

interface Interface {
  readonly linkType: number;
  readonly ticksPerMs: number;
  readonly offsetMs: number;
}

interface Block {
  readonly type: number;
  readonly at: number;
  /** Where its last field, a second length, begins. */
  readonly end: number;
}

/** True for a file that begins as a pcapng file does. */
export function isPcapng(file: Buffer): boolean {
  return file.length >= 4 && file.readUInt32LE(0) === SECTION;
}

/** The packets in their order. Throws a CaptureError where the file is damaged. */
export function* pcapngPackets(file: Buffer): Generator<Packet> {
  let reader = readerFor(file, true);
  let interfaces: Interface[] = [];
  for (let at = 0; at < file.length; ) {
    if (at + SMALLEST_BLOCK_BYTES > file.length) throw damaged(at);
    if (file.readUInt32LE(at) === SECTION) {
      reader = sectionReader(file, at);
      interfaces = [];
    }
    const size = reader.u32(at + 4);
    const block = { type: reader.u32(at), at, end: at + size - 4 };
    const least = (HEAD_BYTES[block.type] ?? SMALLEST_BLOCK_BYTES - 4) + 4;
    if (size < least || size % 4 !== 0 || at + size > file.length) throw damaged(at);
    if (block.type === INTERFACE) interfaces.push(interfaceOf(file, reader, block));
    if (block.type === ENHANCED_PACKET) yield packetOf(file, reader, block, interfaces);
    at += size;
  }
}

function packetOf(file: Buffer, reader: Reader, { at, end }: Block, interfaces: readonly Interface[]): Packet {
  const from = interfaces[reader.u32(at + 8)];
  const start = at + 28;
  const size = reader.u32(at + 20);
  if (from === undefined || start + size > end) throw damaged(at);
  // Two 32-bit halves, the high one first, in either byte order.
  const ticks = reader.u32(at + 12) * 2 ** 32 + reader.u32(at + 16);
  const ms = Math.max(Math.min(ticks / from.ticksPerMs + from.offsetMs, MAX_MS), 0);
  return { linkType: from.linkType, ms, bytes: file.subarray(start, start + size) };
}

function interfaceOf(file: Buffer, reader: Reader, { at, end }: Block): Interface {
  let ticksPerMs = 1e3;
  let offsetMs = 0;
  for (let option = at + 16; option + 4 <= end; ) {
    const [code, size] = [reader.u16(option), reader.u16(option + 2)];
    const value = option + 4;
    if (code === 0 || value + size > end) break;
    if (code === TIME_RESOLUTION && size >= 1) ticksPerMs = ticksPerMsOf(file[value] as number);
    if (code === TIME_OFFSET && size >= 8) offsetMs = reader.u64(value) * 1_000;
    option = value + size + ((4 - (size % 4)) % 4);
  }
  return { linkType: reader.u16(at + 8), ticksPerMs, offsetMs };
}

/** A negative power of ten, or of two when the highest bit is set. */
function ticksPerMsOf(resolution: number): number {
  return (resolution & 0x80) === 0 ? 10 ** (resolution - 3) : 2 ** (resolution & 0x7f) / 1_000;
}

function sectionReader(file: Buffer, at: number): Reader {
  for (const isLittle of [true, false]) {
    const reader = readerFor(file, isLittle);
    if (reader.u32(at + 8) === BYTE_ORDER) return reader;
  }
  throw damaged(at);
}

function readerFor(file: Buffer, isLittle: boolean): Reader {
  if (isLittle) {
    return {
      u16: (at) => file.readUInt16LE(at),
      u32: (at) => file.readUInt32LE(at),
      u64: (at) => Number(file.readBigInt64LE(at)),
    };
  }
  return {
    u16: (at) => file.readUInt16BE(at),
    u32: (at) => file.readUInt32BE(at),
    u64: (at) => Number(file.readBigInt64BE(at)),
  };
}

function damaged(at: number): CaptureError {
  return new CaptureError(`The pcapng file is cut off or damaged at byte ${at}.`);
}
