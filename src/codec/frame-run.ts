/**
 * Runs: small messages of one kind behind one another, a frame each, unmasked by one call of a kernel (mask-vector.ts).
 *
 * Knows: where a run may begin, and how to read the header of a frame that the kernel has accepted.
 * Does not know: where the frames lie when they are unmasked, or who gets them; what is wrong with any other frame
 * (header.ts judges those).
 */
import { SMALL_FRAME_BYTES } from './bytes.js';
import { Opcode } from './frame.js';
import type { FrameHeader, HeaderRules } from './header.js';
import { STEP_BYTES, VECTORS } from './mask-vector.js';

const FIN = 0x80;
const RSV1 = 0x40;
const RESERVED = 0x70;
const MASKED = 0x80;

/** A run of so many frames, or of so many bytes, costs less than its frames one by one would. */
const WORTHWHILE_FRAMES = 6;
const WORTHWHILE_BYTES = 1_024;

/** True where there are runs: masked frames, and a kernel for them. */
export function hasRuns(rules: HeaderRules): boolean {
  return rules.role === 'server' && VECTORS.isAvailable;
}

/**
 * The payload, in bytes, of the first frame of a run that seems to begin at `at`, or -1. Seems: that small, whole messages of one
 * kind follow each other, enough of them, is looked at here; that frames are masked and well-formed, the kernel sees.
 */
export function runAt(chunk: Buffer, at: number, rules: HeaderRules): number {
  const first = chunk[at] as number;
  if (at + 1 >= chunk.length || !isMessage(first, rules)) return -1;
  let next = at;
  for (let frames = 1; frames < WORTHWHILE_FRAMES && next < at + WORTHWHILE_BYTES; frames++) {
    const size = payloadAt(chunk, next);
    if (size < 0 || size > SMALL_FRAME_BYTES) return -1;
    next += size + (size < 126 ? 6 : 8);
    if (chunk[next] !== first) return -1;
  }
  return payloadAt(chunk, at);
}

/**
 * Makes of the run that begins at `at`, if one does, what a server sends for its messages, of at most `most` bytes each, and
 * returns where in the chunk what it has taken ends. VECTORS has the rest to tell, until it is asked for anything else.
 */
export function reframeRun(chunk: Buffer, at: number, rules: HeaderRules, most: number): number {
  if (runAt(chunk, at, rules) < 0) return at;
  const first = chunk[at] as number;
  const window = Math.min(STEP_BYTES, chunk.length - at);
  const largest = Math.min(SMALL_FRAME_BYTES, rules.maxFrameBytes, most);
  return at + VECTORS.reframe(chunk, at, window, first, largest, (first & 15) === Opcode.text);
}

/** What the header at `at` says of its payload, when it says it in 7 or 16 bits; less than 0 for a frame that is not masked. */
function payloadAt(chunk: Buffer, at: number): number {
  const short = (chunk[at + 1] as number) - MASKED;
  return short < 126 ? short : readUint16(chunk, at + 2);
}

/** True for the first byte of a whole message that our rules allow: FIN, text or binary, RSV1 where it has a meaning. */
function isMessage(first: number, rules: HeaderRules): boolean {
  const opcode = first & 15;
  if (first < FIN || (opcode !== Opcode.text && opcode !== Opcode.binary)) return false;
  const reserved = first & RESERVED;
  return reserved === 0 || (reserved === RSV1 && rules.rsv1);
}

/** Reads the header at `at`, of a frame that the kernel has unmasked, into `header`, and returns its size. */
export function readRunHeader(bytes: Buffer, at: number, header: FrameHeader): number {
  const first = bytes[at] as number;
  const short = (bytes[at + 1] as number) - MASKED;
  header.opcode = (first & 15) as Opcode;
  header.fin = true;
  header.rsv1 = (first & RSV1) !== 0;
  header.masked = true;
  header.length = short < 126 ? short : readUint16(bytes, at + 2);
  return short < 126 ? 6 : 8;
}

function readUint16(bytes: Buffer, at: number): number {
  return ((bytes[at] as number) << 8) | (bytes[at + 1] as number);
}
