/**
 * The pure parser driven to the end: chunks in, frames or the error out.
 *
 * Knows: how FrameParser and FrameAssembler are meant to be used together.
 * Does not know: what the right answer is.
 */
import type { Frame, Role } from '../../src/codec/frame.js';
import { FrameAssembler } from '../../src/codec/frame-assembler.js';
import { FrameParser } from '../../src/codec/frame-parser.js';
import type { FramePart } from '../../src/codec/frame-part.js';
import { maskOracle } from '../../src/codec/mask-oracle.js';
import { VECTORS } from '../../src/codec/mask-vector.js';
import type { LeftMasked, UnmaskMode } from '../../src/codec/payload-memory.js';
import { type Facts, WebSocketError } from '../../src/errors.js';
import { readWire } from './frames.js';

/**
 * How chunks are given; `'lent'` is in-place, in memory that is written over as soon as the parser says that it may be, and
 * `'passed-on'` is lent to somebody who copies most parts at once.
 */
export type Giving = UnmaskMode | 'lent' | 'passed-on';

export const GIVINGS: readonly Giving[] = ['copy', 'in-place', 'lent', 'passed-on'];

/** What a parser has to be made for, so that chunks can be given like that. */
export const modeOf = (giving: Giving): UnmaskMode => (giving === 'copy' ? 'copy' : 'in-place');

/** True for chunks that are written over. */
export const isLent = (giving: Giving): boolean => giving === 'lent' || giving === 'passed-on';

/** Pushes the chunk like that. */
export function give(giving: Giving, parser: FrameParser, chunk: Buffer): void {
  parser.push(chunk, isLent(giving), giving === 'passed-on');
}

/** How many parts of a lent chunk are taken before the rest has to be kept: all of one chunk, none of the next, and so on. */
const TAKEN_OF_LENT = [Infinity, 0, 1, 5];
let lentBefore = 0;

export interface Parsing {
  /** Our role: `'server'` for a wire that a client wrote. */
  readonly role: Role;
  readonly mode?: Giving;
  readonly leftMasked?: LeftMasked;
  readonly splitFrames?: boolean;
  readonly maxFrameBytes?: number;
  readonly rsv1?: boolean;
  /** Runs of messages of at most so many bytes are passed over where the parser does that; none when absent. */
  readonly passesOver?: number;
}

export interface Outcome {
  readonly frames: readonly Frame[];
  /** What it failed with, and how many bytes had been pushed by then; null when all bytes were taken. */
  readonly failure: { readonly code: string; readonly facts: Facts; readonly pushed: number } | null;
  readonly parser: FrameParser;
  readonly assembler: FrameAssembler;
}

/** Parses the chunks until they are used up or one of them fails. Errors that are not ours are thrown on. */
export function outcomeOf(chunks: Iterable<Buffer>, parsing: Parsing): Outcome {
  const { role, mode = 'copy', splitFrames = false, maxFrameBytes = Infinity, rsv1 = false, passesOver = 0 } = parsing;
  const parser = new FrameParser({ role, maxFrameBytes, rsv1 }, modeOf(mode), parsing.leftMasked);
  const assembler = new FrameAssembler(splitFrames);
  const frames: Frame[] = [];
  const next = () => {
    if (passesOver > 0 && parser.passRun(passesOver) > 0) frames.push(...reframed());
    return parser.next();
  };
  let pushed = 0;
  try {
    for (const chunk of chunks) {
      pushed += chunk.length;
      const given = isLent(mode) ? Buffer.from(chunk) : chunk;
      give(mode, parser, given);
      let left = isLent(mode) ? (TAKEN_OF_LENT[lentBefore++ % TAKEN_OF_LENT.length] as number) : Infinity;
      if (left === 0) takeBack(parser, given);
      for (let part = next(); part !== null; part = next()) {
        const frame = assembler.add(mode === 'passed-on' ? plainly(part) : part);
        if (frame !== null) frames.push(frame);
        if (--left === 0) takeBack(parser, given);
      }
      if (isLent(mode)) given.fill(0xee);
    }
  } catch (error) {
    if (!(error instanceof WebSocketError)) throw error;
    return { frames, failure: { code: error.code, facts: error.facts, pushed }, parser, assembler };
  }
  return { frames, failure: null, parser, assembler };
}

/** What VECTORS has just made of a run. */
export function reframed(): Frame[] {
  const bytes = Buffer.alloc(VECTORS.reframedBytes);
  VECTORS.takeReframed(bytes, 0);
  return readWire(bytes).map(({ frame }) => frame);
}

/** What who passes frames on does with one that is whole and masked still: copies and unmasks it. */
function plainly(part: FramePart): FramePart {
  if (part.key === 0 || !part.first || !part.last) return part;
  const bytes = Buffer.from(part.bytes.subarray(part.start, part.end));
  maskOracle(bytes, part.key);
  return { ...part, bytes, views: null, start: 0, end: bytes.length, key: 0 };
}

function takeBack(parser: FrameParser, lent: Buffer): void {
  parser.keep();
  lent.fill(0xee);
}

/** The frames of the chunks. Throws what the parser throws. */
export function framesOf(chunks: Iterable<Buffer>, parsing: Parsing): readonly Frame[] {
  const { frames, failure } = outcomeOf(chunks, parsing);
  if (failure !== null) throw new Error(`${failure.code} ${JSON.stringify(failure.facts)}`);
  return frames;
}

/** True when the payload of the chunks' frames is `payload`. Compares the parts themselves: for large ones that are cut often. */
export function yields(parser: FrameParser, chunks: readonly Buffer[], payload: Buffer): boolean {
  let at = 0;
  for (const chunk of chunks) {
    parser.push(chunk);
    for (let part = parser.next(); part !== null; part = parser.next()) {
      const { bytes, start, end } = part;
      if (bytes.compare(payload, at, at + end - start, start, end) !== 0) return false;
      at += end - start;
    }
  }
  return at === payload.length;
}

/** The error that `run` throws. Throws when it does not throw. */
export function thrownBy(run: () => unknown): unknown {
  try {
    run();
  } catch (error) {
    return error;
  }
  throw new Error('Nothing was thrown.');
}
