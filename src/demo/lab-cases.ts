/**
 * Frames that no browser sends, written by hand.
 *
 * Knows: the bytes of each case and the close code that they lead to. Pure.
 * Does not know: how they are sent.
 */
import { Buffer } from 'node:buffer';

/** One run of the lab client. */
export interface LabCase {
  readonly id: string;
  readonly title: string;
  /** What goes over the wire after the handshake. */
  readonly bytes: Buffer;
  /** Each byte in a write of its own, some milliseconds apart. */
  readonly dribble: boolean;
  /** The close code that the server must answer; 1000 for what is legal. */
  readonly expects: number;
}

const KEY = Buffer.from('37fa213d', 'hex');

/** A masked frame with a 7-bit length, whatever the first byte says. */
function masked(first: number, payload: string | Buffer): Buffer {
  const bytes = Buffer.from(payload);
  const hidden = bytes.map((byte, index) => byte ^ KEY.readUInt8(index % 4));
  return Buffer.concat([Buffer.from([first, 0x80 | bytes.length]), KEY, hidden]);
}

const hex = (text: string) => Buffer.from(text.replaceAll(' ', ''), 'hex');

function labCase(id: string, title: string, expects: number, ...frames: Buffer[]): LabCase {
  return { id, title, expects, bytes: Buffer.concat(frames), dribble: false };
}

const HELLO_IN_THREE = [
  masked(0x01, 'Hel'),
  masked(0x89, 'mid-message'),
  masked(0x00, 'lo, '),
  masked(0x80, 'fragments'),
] as const;

/** What the page offers, the legal ones first. */
export const LAB_CASES: readonly LabCase[] = [
  labCase('fragments', 'Legal: text in 3 fragments, a ping inside', 1000, ...HELLO_IN_THREE),
  { ...labCase('dribble', 'Legal: the same, one byte at a time', 1000, ...HELLO_IN_THREE), dribble: true },
  labCase('reserved-opcode', 'Reserved opcode 3', 1002, masked(0x83, 'what am I?')),
  labCase('unmasked', 'Text that is not masked', 1002, hex('81 05 48656c6c6f')),
  labCase('bad-utf8', 'Text that is not UTF-8', 1007, masked(0x81, hex('c328'))),
  labCase('reserved-bit', 'RSV1 without an extension', 1002, masked(0xc1, 'Hello')),
  labCase('long-length', 'Length 5 written in 16 bits', 1002, hex('81 fe 0005'), KEY, Buffer.alloc(5)),
  labCase('split-ping', 'A ping without FIN', 1002, masked(0x09, 'half a ping')),
  labCase('stray', 'A continuation of nothing', 1002, masked(0x80, 'and then')),
  labCase('too-big', 'A header that announces 1 TiB', 1009, hex('82 ff 0000010000000000'), KEY),
  labCase('bad-code', 'A close frame with code 1005', 1002, masked(0x88, hex('03ed'))),
];
