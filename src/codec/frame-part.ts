/**
 * What a parser of frames yields: runs of payload.
 *
 * Knows: where such a run lies, and in whose company.
 * Does not know: how it is found (frame-parser.ts) or unmasked (payload-memory.ts).
 */
import { NO_BYTES, type Views } from './bytes.js';
import type { FrameHeader } from './header.js';

/**
 * A run of payload: `bytes` from `start` to `end`, unmasked as a rule. It may be empty: a frame announces itself by a `first` part
 * as soon as its header is complete. The object is filled again by the next call of `next()`.
 */
export interface FramePart {
  readonly header: FrameHeader;
  bytes: Buffer;
  /** Makes views of `bytes`, where other frames lie in them, too. */
  views: Views | null;
  start: number;
  end: number;
  /**
   * The masking key where the payload is masked still, which only happens to who has asked for it (`LeftMasked`): its lowest byte
   * meets the first byte. Otherwise 0.
   */
  key: number;
  /** True for the part that follows the header. */
  first: boolean;
  /** True for the part that completes the frame. */
  last: boolean;
}

/** A part to be filled, of the frames that `header` tells about. */
export function emptyPart(header: FrameHeader): FramePart {
  return { header, bytes: NO_BYTES, views: null, start: 0, end: 0, key: 0, first: false, last: false };
}
