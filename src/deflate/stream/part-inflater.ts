/**
 * Parts of data frames in, parts of data frames out, inflated where RSV1 says so (RFC 7692 §6.2).
 *
 * Knows: that RSV1 on the first frame speaks for the whole message, and the limit on inflated bytes.
 * Does not know: control frames, which are never compressed and must not be given; readers.
 */
import { Opcode } from '../../codec/frame.js';
import { emptyPart, type FramePart } from '../../codec/frame-part.js';
import { emptyHeader, type Position } from '../../codec/header.js';
import { violation } from '../../errors.js';
import type { Inflater } from './inflater.js';
import { SCRATCH, SCRATCH_VIEWS } from './zlib-context.js';

/**
 * A pull stage behind FrameParser: `push` a part, then call `next` until it answers null, then ask the parser for more.
 * Parts of messages that are not compressed come out as they are. A compressed message comes out as whole frames of at
 * most 64 KiB of plain bytes, each a part of its own with `first` and `last` set, made as they are asked for: the rest of
 * a message costs nothing until somebody wants it.
 */
export class PartInflater {
  readonly #inflater: Inflater;
  readonly #maxMessageBytes: number;
  readonly #header = emptyHeader();
  readonly #out: FramePart = {
    ...emptyPart(this.#header),
    bytes: SCRATCH,
    views: SCRATCH_VIEWS,
    first: true,
    last: true,
  };
  /** A part that is passed on as it is. */
  #plain: FramePart | null = null;
  #compressed = false;
  /** The next frame's opcode: the message's own, then continuation. */
  #opcode: Opcode = Opcode.continuation;
  #inflatedBytes = 0;
  /** True when the message goes on after all that it may come to has been handed out. */
  #isTooBig = false;

  /** A message may inflate to `maxMessageBytes`. The inflater is the caller's to close. */
  constructor(inflater: Inflater, maxMessageBytes: number) {
    this.#inflater = inflater;
    this.#maxMessageBytes = maxMessageBytes;
  }

  /** Plain bytes of the compressed message that is under way. */
  get inflatedBytes(): number {
    return this.#inflatedBytes;
  }

  /** All that was done so far, as the number of plain bytes that could have been made in that time. */
  get effort(): number {
    return this.#inflater.effort;
  }

  /** Borrows the part until `next` answers null. Only when it has done so for the part before. */
  push(part: FramePart): void {
    const { header, first, last, bytes, start, end } = part;
    if (first && header.opcode !== Opcode.continuation) this.#begin(header.opcode, header.rsv1);
    if (this.#compressed) this.#inflater.push(bytes, start, end, last && header.fin);
    else this.#plain = part;
  }

  /**
   * The next part, or null when the pushed one is used up. The object is filled again by the next call, and the bytes of an
   * inflated part are lent until anybody inflates or deflates again: its views make copies. Throws a LimitError (1009) when everything up to the limit has been handed out and
   * there is more, and a ProtocolError (1007) for what is not DEFLATE. `position` is what the error says.
   */
  next(position: Position): FramePart | null {
    if (!this.#compressed) return this.#takePlain();
    if (this.#isTooBig) throw this.#tooBig(position);
    if (this.#inflater.done) return null;
    const left = this.#maxMessageBytes - this.#inflatedBytes;
    const size = this.#inflater.next(left + 1);
    const fin = this.#inflater.done;
    if (size === 0 && !fin) return null;
    this.#inflatedBytes += size;
    if (size <= left) return this.#frame(size, fin);
    if (left === 0) throw this.#tooBig(position);
    // Whoever reads them may find something else wrong first: the same, however the message was cut.
    this.#isTooBig = true;
    return this.#frame(left, false);
  }

  #begin(opcode: Opcode, compressed: boolean): void {
    this.#compressed = compressed;
    this.#opcode = opcode;
    this.#inflatedBytes = 0;
  }

  #takePlain(): FramePart | null {
    const part = this.#plain;
    this.#plain = null;
    return part;
  }

  #frame(size: number, fin: boolean): FramePart {
    this.#header.opcode = this.#opcode;
    this.#header.fin = fin;
    this.#header.length = size;
    this.#opcode = Opcode.continuation;
    this.#out.end = size;
    return this.#out;
  }

  #tooBig({ offset, frame }: Position): Error {
    this.#isTooBig = false;
    this.#inflater.close();
    const maxMessageBytes = this.#maxMessageBytes;
    return violation('MESSAGE_TOO_BIG', { atLeast: this.#inflatedBytes, maxMessageBytes, offset, frame });
  }
}
