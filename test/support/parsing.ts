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

export interface Parsing {
  /** Our role: `'server'` for a wire that a client wrote. */
  readonly role: Role;
  readonly mode?: UnmaskMode;
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
  const parser = new FrameParser({ role, maxFrameBytes, rsv1 }, mode, parsing.leftMasked);
  const assembler = new FrameAssembler(splitFrames);
  const frames: Frame[] = [];
  let pushed = 0;
  try {
    for (const chunk of chunks) {
      pushed += chunk.length;
      parser.push(chunk);
      for (let part = parser.next(); part !== null; part = parser.next()) {
        const frame = assembler.add(part);
        if (frame !== null) frames.push(frame);
      }
    }
  } catch (error) {
    if (!(error instanceof WebSocketError)) throw error;
    return { frames, failure: { code: error.code, facts: error.facts, pushed }, parser, assembler };
  }
  return { frames, failure: null, parser, assembler };
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
