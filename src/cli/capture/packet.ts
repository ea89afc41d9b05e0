/**
 * From a packet to the TCP segment in it.
 *
 * Knows: Ethernet with VLAN tags, Linux cooked captures, loopback, raw IP; IPv4 and IPv6; the TCP header (RFC 9293 §3.1).
 * Does not know: connections. A packet that is anything else, a fragment, or cut off within a header, is nothing.
 */
import type { Packet } from './pcap.js';

/** What one TCP segment says. Addresses are `host:port`. */
export interface Segment {
  readonly source: string;
  readonly destination: string;
  readonly sequence: number;
  readonly syn: boolean;
  readonly ack: boolean;
  readonly fin: boolean;
  readonly payload: Buffer;
  readonly ms: number;
}

interface IpPacket {
  readonly source: string;
  readonly destination: string;
  readonly content: Buffer;
}

const IPV4 = 0x0800;
const IPV6 = 0x86dd;
const VLAN_TAGS: readonly number[] = [0x8100, 0x88a8];
const TCP = 6;
const TCP_HEADER_BYTES = 20;
/** Hop-by-hop options, routing, destination options (RFC 8200 §4), and the two that are measured otherwise. */
const EXTENSIONS: readonly number[] = [0, 43, 60];
const FRAGMENT = 44;
const AUTHENTICATION = 51;

/** The segment in a packet, or null. */
export function segmentOf(packet: Packet): Segment | null {
  const ip = ipIn(packet);
  if (ip === null || ip.content.length < TCP_HEADER_BYTES) return null;
  const { content } = ip;
  const headerBytes = ((content[12] as number) >> 4) * 4;
  if (headerBytes < TCP_HEADER_BYTES || headerBytes > content.length) return null;
  const flags = content[13] as number;
  return {
    source: `${ip.source}:${content.readUInt16BE(0)}`,
    destination: `${ip.destination}:${content.readUInt16BE(2)}`,
    sequence: content.readUInt32BE(4),
    syn: (flags & 2) !== 0,
    ack: (flags & 16) !== 0,
    fin: (flags & 1) !== 0,
    payload: content.subarray(headerBytes),
    ms: packet.ms,
  };
}

function ipIn({ linkType, bytes }: Packet): IpPacket | null {
  const start = ipStart(linkType, bytes);
  if (start === null || start >= bytes.length) return null;
  const ip = bytes.subarray(start);
  const version = (ip[0] as number) >> 4;
  return version === 4 ? ipv4(ip) : version === 6 ? ipv6(ip) : null;
}

/** Where IP begins, by the link types of the tcpdump registry; null where there is none. */
function ipStart(linkType: number, bytes: Buffer): number | null {
  switch (linkType) {
    case 1:
      return afterType(bytes, 12, 14);
    case 113:
      return afterType(bytes, 14, 16);
    case 276:
      return afterType(bytes, 0, 20);
    // BSD loopback: an address family in the byte order of some machine; the version of IP says the same.
    case 0:
    case 108:
      return 4;
    // Raw IP, under all of its numbers.
    case 12:
    case 14:
    case 101:
    case 228:
    case 229:
      return 0;
    default:
      return null;
  }
}

/** Goes by the EtherType at `typeAt` to what follows at `next`, past VLAN tags, whose own EtherType is their last field. */
function afterType(bytes: Buffer, typeAt: number, next: number): number | null {
  if (bytes.length < next) return null;
  let type = bytes.readUInt16BE(typeAt);
  let at = next;
  while (VLAN_TAGS.includes(type) && bytes.length >= at + 4) {
    type = bytes.readUInt16BE(at + 2);
    at += 4;
  }
  return type === IPV4 || type === IPV6 ? at : null;
}

function ipv4(ip: Buffer): IpPacket | null {
  if (ip.length < 20) return null;
  const headerBytes = ((ip[0] as number) & 15) * 4;
  const isFragment = (ip.readUInt16BE(6) & 0x3fff) !== 0;
  if (headerBytes < 20 || isFragment || ip[9] !== TCP) return null;
  // A packet that the network card will cut up was captured before its length was filled in.
  const size = ip.readUInt16BE(2) || ip.length;
  return {
    source: ip.subarray(12, 16).join('.'),
    destination: ip.subarray(16, 20).join('.'),
    content: ip.subarray(headerBytes, size),
  };
}

function ipv6(ip: Buffer): IpPacket | null {
  if (ip.length < 40) return null;
  const size = ip.readUInt16BE(4);
  const whole = size === 0 ? ip : ip.subarray(0, 40 + size);
  let header = ip[6] as number;
  let at = 40;
  while (header !== TCP) {
    const length = extensionBytes(header, whole, at);
    if (length === null) return null;
    header = whole[at] as number;
    at += length;
  }
  return { source: ipv6Text(ip, 8), destination: ipv6Text(ip, 24), content: whole.subarray(at) };
}

/** The length of an extension header; null for what is none, and for a fragment. */
function extensionBytes(header: number, ip: Buffer, at: number): number | null {
  if (ip.length < at + 8) return null;
  if (EXTENSIONS.includes(header)) return ((ip[at + 1] as number) + 1) * 8;
  if (header === AUTHENTICATION) return ((ip[at + 1] as number) + 2) * 4;
  if (header === FRAGMENT) return (ip.readUInt16BE(at + 2) & 0xfff9) === 0 ? 8 : null;
  return null;
}

/** `[::1]`: the first of the longest runs of zeros is left out (RFC 5952 §4.2). */
function ipv6Text(ip: Buffer, at: number): string {
  const groups = Array.from({ length: 8 }, (_, index) => ip.readUInt16BE(at + index * 2).toString(16));
  const runs = groups.join(':').match(/\b0(?::0)+\b/g) ?? [];
  const longest = runs.reduce((best, run) => (run.length > best.length ? run : best), '');
  if (longest === '') return `[${groups.join(':')}]`;
  const text = groups.join(':');
  const cut = new RegExp(`(?:^|:)${longest}(?::|$)`);
  return `[${text.replace(cut, '::')}]`;
}
