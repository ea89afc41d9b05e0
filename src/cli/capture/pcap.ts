/**
 * The packets of a pcap file (draft-ietf-opsawg-pcap).
 *
 * Knows: both byte orders, micro- and nanoseconds, where a file is damaged.
 * Does not know: pcapng (pcapng.ts), what is in a packet (packet.ts).
 */
import { CaptureError } from './raw.js';

/** A packet as it was captured. `bytes` is a view of the file. */
export interface Packet {
  /** LINKTYPE_ of the tcpdump registry: what `bytes` begins with. */
  readonly linkType: number;
  /** Since the Unix epoch. */
  readonly ms: number;
  readonly bytes: Buffer;
}

const FILE_HEADER_BYTES = 24;
const PACKET_HEADER_BYTES = 16;
const MICROSECONDS = 0xa1b2c3d4;
const NANOSECONDS = 0xa1b23c4d;

/** True for a file that begins as a pcap file does. */
export function isPcap(file: Buffer): boolean {
  return layoutOf(file) !== null;
}

/** The packets in their order. Throws a CaptureError where the file is damaged. */
export function* pcapPackets(file: Buffer): Generator<Packet> {
  const layout = layoutOf(file);
  if (layout === null || file.length < FILE_HEADER_BYTES)
    throw new CaptureError('The pcap file ends within its header.');
  const { isLittle, ticksPerMs } = layout;
  const read = (at: number) => (isLittle ? file.readUInt32LE(at) : file.readUInt32BE(at));
  const linkType = read(20) & 0xffff;
  let at = FILE_HEADER_BYTES;
  while (at < file.length) {
    const start = at + PACKET_HEADER_BYTES;
    const end = start <= file.length ? start + read(at + 8) : Infinity;
    if (end > file.length) throw new CaptureError(`The pcap file is cut off or damaged at byte ${at}.`);
    yield { linkType, ms: read(at) * 1_000 + read(at + 4) / ticksPerMs, bytes: file.subarray(start, end) };
    at = end;
  }
}

function layoutOf(file: Buffer): { isLittle: boolean; ticksPerMs: number } | null {
  if (file.length < 4) return null;
  for (const isLittle of [true, false]) {
    const magic = isLittle ? file.readUInt32LE(0) : file.readUInt32BE(0);
    if (magic === MICROSECONDS) return { isLittle, ticksPerMs: 1e3 };
    if (magic === NANOSECONDS) return { isLittle, ticksPerMs: 1e6 };
  }
  return null;
}
