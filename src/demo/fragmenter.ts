/**
 * Cuts the next data frame into fragments, with a ping between the first two.
 *
 * Knows: RFC 6455 §5.4: the first fragment has the opcode, the others are continuations, the last has FIN, and control
 * frames may stand in between.
 * Does not know: who asked for it.
 */
import { Buffer } from 'node:buffer';
import { type Frame, frame as frameWith, isControl, Opcode } from '../codec/frame.js';
import { Transform, type TransformCallback } from '../streams.js';

/** Frames → frames: the same ones, until `cutNext` asks for a message in pieces. */
export class Fragmenter extends Transform {
  #pieces = 0;
  readonly #onUsed: () => void;

  /** `onUsed` is called when the plan of `cutNext` has been carried out. */
  constructor(onUsed: () => void) {
    super({ objectMode: true });
    this.#onUsed = onUsed;
  }

  /** The next whole message goes out in `pieces` fragments; 0 takes that back. */
  cutNext(pieces: number): void {
    this.#pieces = pieces;
  }

  override _transform(frame: Frame, _: BufferEncoding, done: TransformCallback): void {
    const pieces = this.#pieces;
    if (pieces === 0 || isControl(frame.opcode) || !frame.fin) {
      done(null, frame);
      return;
    }
    this.#pieces = 0;
    for (const piece of cut(frame, pieces)) this.push(piece);
    this.#onUsed();
    done();
  }
}

/** `frame` as `pieces` fragments of nearly equal size, and a ping after the first. Payloads are views of the frame's. */
export function cut(frame: Frame, pieces: number): Frame[] {
  const size = Math.ceil(frame.payload.length / pieces);
  const fragments = Array.from({ length: pieces }, (_, index) =>
    frameWith(
      index === 0 ? frame.opcode : Opcode.continuation,
      frame.payload.subarray(index * size, (index + 1) * size),
      index === pieces - 1,
    ),
  );
  return fragments.toSpliced(1, 0, frameWith(Opcode.ping, Buffer.from('between fragments')));
}
