/**
 * The pure parser driven to the end: chunks in, frames or the error out.
 *
 * Knows: how FrameParser and FrameAssembler are meant to be used together.
 * Does not know: what the right answer is.
 */
import type { Frame, Role } from '../../src/codec/frame.js';
import { FrameAssembler } from '../../src/codec/frame-assembler.js';
import { FrameParser } from '../../src/codec/frame-parser.js';
import type { LeftMasked, UnmaskMode } from '../../src/codec/payload-memory.js';
import { type Facts, WebSocketError } from '../../src/errors.js';

/** How chunks are given; `'lent'` is in-place, in memory that is written over as soon as the parser says that it may be. */
export type Giving = UnmaskMode | 'lent';

export const GIVINGS: readonly Giving[] = ['copy', 'in-place', 'lent'];

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
  const { role, mode = 'copy', splitFrames = false, maxFrameBytes = Infinity, rsv1 = false } = parsing;
  const isLent = mode === 'lent';
  const parser = new FrameParser({ role, maxFrameBytes, rsv1 }, isLent ? 'in-place' : mode, parsing.leftMasked);
  const assembler = new FrameAssembler(splitFrames);
  const frames: Frame[] = [];
  let pushed = 0;
  try {
    for (const chunk of chunks) {
      pushed += chunk.length;
      const given = isLent ? Buffer.from(chunk) : chunk;
      parser.push(given, isLent);
      let left = isLent ? (TAKEN_OF_LENT[lentBefore++ % TAKEN_OF_LENT.length] as number) : Infinity;
      if (left === 0) takeBack(parser, given);
      for (let part = parser.next(); part !== null; part = parser.next()) {
        const frame = assembler.add(part);
        if (frame !== null) frames.push(frame);
        if (--left === 0) takeBack(parser, given);
      }
      if (isLent) given.fill(0xee);
    }
  } catch (error) {
    if (!(error instanceof WebSocketError)) throw error;
    return { frames, failure: { code: error.code, facts: error.facts, pushed }, parser, assembler };
  }
  return { frames, failure: null, parser, assembler };
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

/** The error that `run` throws. Throws when it does not throw. */
export function thrownBy(run: () => unknown): unknown {
  try {
    run();
  } catch (error) {
    return error;
  }
  throw new Error('Nothing was thrown.');
}
