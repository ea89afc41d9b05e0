/**
 * What decoding a capture brings to light: frames, and what ends a direction before its time.
 *
 * Knows: how the two directions of a connection become one list in the order of time, and how each of them can end.
 * Does not know: captures, or how a finding is shown.
 */
import type { Role } from '../../codec/frame.js';
import { WebSocketError } from '../../errors.js';
import { type CapturedFrame, FrameReader, type FrameReaderOptions } from './frame-reader.js';

/** A run of bytes of one direction; `ms` is when it was captured, since the Unix epoch, or null when nobody knows. */
export interface Piece {
  readonly bytes: Buffer;
  readonly ms: number | null;
}

/** A frame, or the end of a direction that is no good one. `error.offset` counts as that of a frame. */
export type Finding = { readonly ms: number | null; readonly from: Role } & (
  | { readonly type: 'frame'; readonly frame: CapturedFrame }
  | { readonly type: 'fault'; readonly code: string; readonly offset: number; readonly says: string }
);

/** One direction of a connection. */
export interface Direction extends FrameReaderOptions {
  readonly pieces: readonly Piece[];
  /** Bytes that are missing after the last piece: a gap in the capture. */
  readonly missingBytes: number;
}

/** The findings of one direction, in its order. */
export function* findingsIn(direction: Direction): Generator<Finding> {
  const { from, pieces, missingBytes } = direction;
  const reader = new FrameReader(direction);
  let ms: number | null = null;
  const fault = (code: string, offset: number, says: string): Finding => ({
    type: 'fault',
    ms,
    from,
    code,
    offset,
    says,
  });
  let read = 0;
  try {
    for (const piece of pieces) {
      ({ ms } = piece);
      for (const frame of reader.push(piece.bytes)) yield { type: 'frame', ms, from, frame };
      read += piece.bytes.length;
    }
  } catch (error) {
    if (!(error instanceof WebSocketError)) throw error;
    const { offset } = error.facts;
    return yield fault(error.code, typeof offset === 'number' ? offset : reader.offset, error.message);
  } finally {
    direction.inflation?.close();
  }
  if (missingBytes > 0)
    yield fault('GAP', read, `${missingBytes} bytes were not captured; what follows cannot be read.`);
  else if (!reader.atBoundary) yield fault('CUT_OFF', read, 'The capture ends within a message.');
}

/** The findings of both directions in the order of time; the client's come first where that does not decide. */
export function* findingsOf(client: Direction, server: Direction): Generator<Finding> {
  const [left, right] = [findingsIn(client), findingsIn(server)];
  let [first, second] = [left.next(), right.next()];
  while (first.done !== true || second.done !== true) {
    if (second.done === true || (first.done !== true && (first.value.ms ?? 0) <= (second.value.ms ?? 0))) {
      if (first.done !== true) yield first.value;
      first = left.next();
    } else {
      yield second.value;
      second = right.next();
    }
  }
}
