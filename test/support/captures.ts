/**
 * Capture files, made by hand.
 *
 * Knows: how packets, pcap and pcapng are laid out. Does not know: the code that reads them; nothing is shared with it.
 */

/** What a TCP segment is made from. */
export interface Told {
  readonly from?: 'a' | 'b';
  readonly seq: number;
  readonly data?: string | Buffer;
  readonly flags?: string;
}

/** Ports 1000 (a) and 2000 (b) on 10.0.0.1 and 10.0.0.2. */
export function tcp({ from = 'a', seq, data = '', flags = '' }: Told): Buffer {
  const header = Buffer.alloc(20);
  header.writeUInt16BE(from === 'a' ? 1_000 : 2_000, 0);
  header.writeUInt16BE(from === 'a' ? 2_000 : 1_000, 2);
  header.writeUInt32BE(seq >>> 0, 4);
  header[12] = 0x50;
  header[13] = (flags.includes('F') ? 1 : 0) | (flags.includes('S') ? 2 : 0) | (flags.includes('A') ? 16 : 0);
  return Buffer.concat([header, Buffer.from(data as string, 'latin1')]);
}

export function ipv4(content: Buffer, from: 'a' | 'b' = 'a', fragment = 0): Buffer {
  const header = Buffer.alloc(20);
  header[0] = 0x45;
  header.writeUInt16BE(20 + content.length, 2);
  header.writeUInt16BE(fragment, 6);
  header[9] = 6;
  header.set([10, 0, 0, from === 'a' ? 1 : 2], 12);
  header.set([10, 0, 0, from === 'a' ? 2 : 1], 16);
  return Buffer.concat([header, content]);
}

/** From ::1 to fe80::2, with a header of hop-by-hop options before TCP. */
export function ipv6(content: Buffer): Buffer {
  const header = Buffer.alloc(48);
  header[0] = 0x60;
  header.writeUInt16BE(8 + content.length, 4);
  header[23] = 1;
  header.set([0xfe, 0x80], 24);
  header[39] = 2;
  header[40] = 6;
  return Buffer.concat([header, content]);
}

export function ethernet(ip: Buffer, type = 0x0800): Buffer {
  return Buffer.concat([Buffer.alloc(12), Buffer.from([type >> 8, type & 255]), ip]);
}

/** Ethernet packets of IPv4 segments. */
export function packetsOf(segments: readonly Told[]): Buffer[] {
  return segments.map((told) => ethernet(ipv4(tcp(told), told.from)));
}

/** A pcap file; packet n was captured n milliseconds after `seconds`. */
export function pcap(
  packets: readonly Buffer[],
  { isLittle = true, nano = false, link = 1, seconds = 100 } = {},
): Buffer {
  const words = (...values: number[]) => wordsOf(values, isLittle);
  const head = words(nano ? 0xa1b23c4d : 0xa1b2c3d4, 0, 0, 0, 65_535, link);
  const records = packets.map((bytes, at) =>
    Buffer.concat([words(seconds, at * (nano ? 1e6 : 1e3), bytes.length, bytes.length), bytes]),
  );
  return Buffer.concat([head, ...records]);
}

/** A pcapng file of one section with one interface, and a block of an unknown type. */
export function pcapng(packets: readonly Buffer[], { isLittle = true, options = Buffer.alloc(0) } = {}): Buffer {
  const words = (...values: number[]) => wordsOf(values, isLittle);
  const block = (type: number, body: Buffer) => {
    const size = body.length + 12;
    return Buffer.concat([words(type, size), body, words(size)]);
  };
  const linkType = isLittle ? words(1) : Buffer.from([0, 1, 0, 0]);
  return Buffer.concat([
    block(0x0a0d0d0a, words(0x1a2b3c4d, isLittle ? 1 : 0x10000, 0xffffffff, 0xffffffff)),
    block(1, Buffer.concat([linkType, words(65_535), options])),
    block(99, words(1, 2, 3)),
    ...packets.map((bytes, at) => {
      const padding = Buffer.alloc((4 - (bytes.length % 4)) % 4);
      return block(6, Buffer.concat([words(0, 0, at * 1_000, bytes.length, bytes.length), bytes, padding]));
    }),
  ]);
}

function wordsOf(values: readonly number[], isLittle: boolean): Buffer {
  const bytes = Buffer.alloc(values.length * 4);
  values.forEach((value, at) => {
    if (isLittle) bytes.writeUInt32LE(value, at * 4);
    else bytes.writeUInt32BE(value, at * 4);
  });
  return bytes;
}

const REQUEST = 'GET /chat HTTP/1.1\r\nUpgrade: websocket\r\n\r\n';
const RESPONSE = 'HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\r\n';

/** A whole connection: handshake, "Hello" from the client, "yo" from the server. */
export const SESSION: readonly Told[] = [
  { seq: 99, flags: 'S' },
  { from: 'b', seq: 499, flags: 'SA' },
  { seq: 100, data: REQUEST },
  { from: 'b', seq: 500, data: RESPONSE },
  { seq: 100 + REQUEST.length, data: Buffer.from('818537fa213d7f9f4d5158', 'hex') },
  { from: 'b', seq: 500 + RESPONSE.length, data: '\x81\x02yo' },
];
