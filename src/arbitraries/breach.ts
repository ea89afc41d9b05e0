/**
 * What a breach is: the frames that break one rule, and the byte that proves it.
 *
 * Knows: the circumstances that a breach may depend on, and how to put one together from pieces.
 * Does not know: any rule (breaches.ts, payload-breaches.ts).
 */
import { Buffer } from 'node:buffer';
import type { Arbitrary } from 'fast-check';
import type { Frame, Role } from '../codec/frame.js';
import { describeFrame, type WireForm, wireOf } from './raw-frame.js';

/** The bytes that break a rule; everything before them was legal. */
export interface Breach {
  readonly bytes: Buffer;
  /** Index in `bytes` of the first byte that proves it; for a close frame and a compressed message, of the last one. */
  readonly proof: number;
  /** Where in `bytes` frames begin. */
  readonly starts: readonly number[];
  readonly label: string;
}

/** What is known when a breach is made. */
export interface Circumstances {
  /** Who receives the wire. */
  readonly to: Role;
  /** True when a fragmented message waits for its continuation. */
  readonly open: boolean;
  /** The masking key for frames that are masked. */
  readonly key: Buffer;
  /** True when permessage-deflate was agreed on. */
  readonly deflate: boolean;
  /** The receiver's limits in bytes; Infinity for none. */
  readonly maxFrameBytes: number;
  readonly maxMessageBytes: number;
}

/** Makes breaches of one rule. */
export type BreachMaker = (circumstances: Circumstances) => Arbitrary<Breach>;

/** How frames to this receiver are put on the wire. */
export function formFor({ to, key }: Pick<Circumstances, 'to' | 'key'>): WireForm {
  return to === 'server' ? { key } : {};
}

/** A breach of one frame whose header proves it at byte `proof`. */
export function headerBreach(frame: Frame, proof: number, form: WireForm): Breach {
  return { bytes: wireOf(frame, form), proof, starts: [0], label: describeFrame(frame) };
}

/** A breach of several frames, proved by their last byte unless `proof` says otherwise. */
export function framesBreach(frames: readonly Frame[], form: WireForm, proof?: number): Breach {
  const pieces = frames.map((frame) => wireOf(frame, form));
  const bytes = Buffer.concat(pieces);
  const starts = pieces.map((_, at) => pieces.slice(0, at).reduce((sum, { length }) => sum + length, 0));
  return { bytes, proof: proof ?? bytes.length - 1, starts, label: frames.map(describeFrame).join(', ') };
}
