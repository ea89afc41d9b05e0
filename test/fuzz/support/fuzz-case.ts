/**
 * From a seed to a wire: most of it legal, some of it not, cut at random.
 *
 * Knows: how to make millions of them an hour: one scratch buffer, one small generator of numbers, no arbitraries.
 * Does not know: what is legal; the implementations under test say so. DEFLATE; deflated.ts does.
 */
import type { DeflateDirection } from '../../../src/deflate/agreement.js';
import { repeatable } from '../../support/wire.js';
import { deflatedMessages, type Pick } from './deflated.js';

/** Who receives, and the limit of a message in bytes; without compression it is the limit of a frame, too. */
export interface Recipient {
  readonly role: 'client' | 'server';
  readonly limitBytes: number;
  /** What was agreed on for messages to the recipient; null without permessage-deflate. */
  readonly deflate: DeflateDirection | null;
}

/** The largest frame that the recipient takes: what does not compress grows a little (src/duplex/session-deflate.ts). */
export function largestFrameTo({ limitBytes, deflate }: Recipient): number {
  return deflate === null ? limitBytes : Math.ceil(limitBytes * 1.125) + 64;
}

/** What is sent, to whom, in which pieces. */
export interface FuzzCase extends Recipient {
  readonly wire: Buffer;
  /** Positions to cut at, ascending. */
  readonly cuts: readonly number[];
}

/** The limit of nearly all cases; one in 256 has frames that need 64 bits of length, and a limit that lets them pass. */
const LIMIT_BYTES = 1_000;
const LARGE_LIMIT_BYTES = 140_000;
const LARGE_SIZES = [1_001, 65_535, 65_536, 65_537];

const SIZES = [0, 0, 1, 2, 3, 4, 5, 15, 16, 17, 47, 48, 49, 124, 125, 126, 127, 128, 300, 999, 1_000, 1_001];
const OPCODES = [1, 1, 1, 2, 2, 0, 0, 0, 9, 10, 8, 3, 11, 15];
const TEXT = 'aZ é€😀\u07ff\uffff\u{10ffff}'.split(' ').map((part) => Buffer.from(part));
const BAD = ['80', 'bf', 'c0', 'c3', 'e2', 'e282', 'e080', 'eda0', 'f09f', 'f09f98', 'f08f', 'f490', 'f5', 'ff'].map(
  (digits) => Buffer.from(digits, 'hex'),
);
/** The windows that may be agreed on; most are. */
const WINDOW_BITS = [8, 9, 10, 12, 15, 15, 15, 15];
const CLOSE_CODES = [999, 1000, 1001, 1003, 1004, 1005, 1006, 1007, 1011, 1014, 1015, 2999, 3000, 4999, 5000];

const scratch = Buffer.alloc(512 * 1024);

/** The case that a seed stands for. The wire is a copy of its own. */
export function caseOf(seed: number): FuzzCase {
  const pick = repeatable(seed);
  const role = pick(2) === 0 ? 'client' : 'server';
  const isLarge = pick(256) === 0;
  const deflate =
    pick(8) === 0 ? { windowBits: WINDOW_BITS[pick(WINDOW_BITS.length)] ?? 15, takeover: pick(3) > 0 } : null;
  const message = deflate === null ? null : deflatedMessages(pick, deflate);
  let at = 0;
  let open = false;
  for (let frames = 1 + pick(5); frames > 0; frames--) {
    if (message !== null && !open && pick(4) > 0) {
      open = pick(20) === 0;
      at = writeCompressed(pick, role, at, message(), open);
      continue;
    }
    const from = at;
    at = writeFrame(pick, role, open, at, isLarge && pick(2) === 0);
    const first = scratch[from] ?? 0;
    if ((first & 15) < 3) open = (first & 0x80) === 0;
  }
  if (pick(4) === 0) at = spoil(pick, at);
  const wire = Buffer.from(scratch.subarray(0, at));
  return { role, limitBytes: isLarge ? LARGE_LIMIT_BYTES : LIMIT_BYTES, deflate, wire, cuts: cutsOf(pick, at) };
}

function writeFrame(
  pick: Pick,
  role: FuzzCase['role'],
  open: boolean,
  start: number,
  isLarge: boolean,
  wanted?: number,
): number {
  let opcode = wanted ?? OPCODES[pick(pick(12) === 0 ? OPCODES.length : 11)] ?? 1;
  // Nine times of ten in an order that is legal.
  if (opcode < 3 && pick(10) > 0) opcode = open ? 0 : 1 + (opcode & 1);
  const fin = opcode > 7 ? pick(40) > 0 : pick(3) > 0;
  const reserved = pick(40) === 0 ? 1 + pick(7) : 0;
  const masked = (role === 'server') !== (pick(60) === 0);
  const size = isLarge && opcode < 8 ? (LARGE_SIZES[pick(LARGE_SIZES.length)] ?? 0) : sizeOf(pick, opcode);
  let at = writeHead(pick, start, (fin ? 0x80 : 0) | (reserved << 4) | opcode, masked, size);
  const body = at;
  at = writePayload(pick, opcode, at, size);
  if (masked) mask(body, at);
  return at;
}

/** A message with RSV1, in one frame or a few, with control frames in between; `open` when its end is to be missing. */
function writeCompressed(pick: Pick, role: FuzzCase['role'], start: number, message: Buffer, open: boolean): number {
  const cuts = Array.from({ length: pick(3) * pick(2) }, () => pick(message.length + 1)).sort((a, b) => a - b);
  let at = start;
  [...cuts, message.length].forEach((end, index) => {
    const begin = cuts[index - 1] ?? 0;
    const fin = index === cuts.length && !open ? 0x80 : 0;
    const first = fin | (index === 0 ? 0x40 | (1 + pick(2)) : 0);
    if (index > 0 && pick(4) === 0) at = writeFrame(pick, role, true, at, false, 9 + pick(2));
    const body = writeHead(pick, at, first, role === 'server', end - begin);
    at = body + message.copy(scratch, body, begin, end);
    if (role === 'server') mask(body, at);
  });
  return at;
}

/** Masks what was written with the key in front of it. */
function mask(body: number, end: number): void {
  for (let at = body; at < end; at++) scratch[at] = (scratch[at] ?? 0) ^ (scratch[body - 4 + ((at - body) & 3)] ?? 0);
}

function sizeOf(pick: Pick, opcode: number): number {
  const size = SIZES[pick(pick(4) === 0 ? SIZES.length : 12)] ?? 0;
  return opcode > 7 && pick(30) > 0 ? Math.min(size, 125) : size;
}

/** Now and then the length is not in its shortest form, or says something else than what follows. */
function writeHead(pick: Pick, start: number, first: number, masked: boolean, size: number): number {
  let at = start;
  const shortest = size < 126 ? 0 : size < 65_536 ? 2 : 8;
  const form = pick(50) === 0 ? pick(2) * 6 + 2 : shortest;
  const announced = pick(80) === 0 ? 2 ** pick(64) : size;
  scratch[at++] = first;
  scratch[at++] = (masked ? 0x80 : 0) | (form === 0 ? Math.min(announced, 127) : form === 2 ? 126 : 127);
  for (let i = form - 1; i >= 0; i--) scratch[at++] = Math.floor(announced / 256 ** i) % 256;
  if (masked) for (let i = 0; i < 4; i++) scratch[at++] = pick(256);
  return at;
}

function writePayload(pick: Pick, opcode: number, start: number, size: number): number {
  const end = start + size;
  let at = start;
  if (opcode === 8 && size >= 2) {
    const code = CLOSE_CODES[pick(CLOSE_CODES.length)] ?? 0;
    scratch[at++] = code >> 8;
    scratch[at++] = code & 255;
  }
  if (opcode === 2 || size > 300) return fillBytes(pick, at, end);
  const isClean = pick(5) > 0;
  while (at < end) {
    const pieces = isClean || pick(8) > 0 ? TEXT : BAD;
    const piece = pieces[pick(pieces.length)] ?? Buffer.alloc(0);
    if (isClean && at + piece.length > end) return fillAscii(at, end);
    at += piece.copy(scratch, at, 0, end - at);
  }
  return end;
}

function fillBytes(pick: Pick, start: number, end: number): number {
  const seed = pick(256);
  for (let at = start; at < end; at++) scratch[at] = seed + at * 7;
  return end;
}

function fillAscii(start: number, end: number): number {
  scratch.fill(0x61, start, end);
  return end;
}

/** One to three bytes changed, some bytes dropped, or the end cut off. */
function spoil(pick: Pick, length: number): number {
  const way = pick(3);
  if (way === 0) return pick(length + 1);
  if (way === 1) {
    for (let changes = 1 + pick(3); changes > 0; changes--) scratch[pick(length)] = pick(256);
    return length;
  }
  const from = pick(length);
  const count = Math.min(1 + pick(4), length - from);
  scratch.copyWithin(from, from + count, length);
  return length - count;
}

function cutsOf(pick: Pick, length: number): number[] {
  const cuts: number[] = [];
  for (let count = pick(6); count > 0; count--) cuts.push(pick(pick(2) === 0 ? Math.min(length, 20) + 1 : length + 1));
  return cuts.sort((a, b) => a - b);
}
