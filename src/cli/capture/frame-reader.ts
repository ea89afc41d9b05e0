/**
 * The frames of one direction of a captured connection.
 *
 * Knows: how one frame after another is read, inflated and judged, and where in the direction each stands.
 * Does not know: where the bytes were captured, how a frame is shown, zlib.
 */
import { type CloseReason, decodeClose } from '../../codec/close-code.js';
import { type Frame, isControl, Opcode, type Role } from '../../codec/frame.js';
import { FrameAssembler } from '../../codec/frame-assembler.js';
import { FrameParser } from '../../codec/frame-parser.js';
import { Utf8Validator } from '../../codec/utf8.js';
import { violation } from '../../errors.js';

/** What a frame may carry before and after inflating, in bytes, unless the user says otherwise. */
export const DEFAULT_MAX_FRAME_BYTES = 64 * 1024 * 1024;

/** Takes the compressed payloads of one direction, in their order. */
export interface Inflation {
  /** The plain bytes of the next frame, `maxBytes` at most; `final` on the last one of its message. Throws a WebSocketError. */
  inflate(payload: Buffer, final: boolean, maxBytes: number): Buffer;
  /** Gives back its memory. */
  close(): void;
}

/** One frame as it was captured. */
export interface CapturedFrame {
  readonly opcode: Opcode;
  readonly fin: boolean;
  readonly rsv1: boolean;
  readonly masked: boolean;
  /** Bytes of its payload on the wire. */
  readonly bytes: number;
  /** Bytes of this direction before it, counted from its first frame. */
  readonly offset: number;
  /** True when the message that it belongs to was compressed. */
  readonly compressed: boolean;
  /** True for frames of a text message. */
  readonly isText: boolean;
  /** Unmasked and inflated. */
  readonly payload: Buffer;
  /** What a close frame says, else null. */
  readonly close: CloseReason | null;
}

/** How a direction is read. */
export interface FrameReaderOptions {
  /** Who sent the bytes. */
  readonly from: Role;
  readonly maxFrameBytes: number;
  /** Null when no compression was agreed on. */
  readonly inflation: Inflation | null;
}

/** Push bytes, get the frames that they complete. Borrows what is pushed until the generator is done. */
export class FrameReader {
  readonly #parser: FrameParser;
  readonly #assembler = new FrameAssembler(false);
  readonly #utf8 = new Utf8Validator();
  readonly #inflation: Inflation | null;
  readonly #maxFrameBytes: number;
  /** What the open message is, or the last one was. */
  #isText = false;
  #compressed = false;

  constructor({ from, maxFrameBytes, inflation }: FrameReaderOptions) {
    const role = from === 'client' ? 'server' : 'client';
    this.#parser = new FrameParser({ role, maxFrameBytes, rsv1: inflation !== null });
    this.#inflation = inflation;
    this.#maxFrameBytes = maxFrameBytes;
  }

  /** Where the current frame begins. */
  get offset(): number {
    return this.#parser.offset;
  }

  /** True when the wire may end here without loss. */
  get atBoundary(): boolean {
    return this.#parser.atBoundary;
  }

  /** The frames that end in `bytes`. Throws a WebSocketError at the first violation; after that it is done for. */
  *push(bytes: Buffer): Generator<CapturedFrame> {
    this.#parser.push(bytes);
    for (let part = this.#parser.next(); part !== null; part = this.#parser.next()) {
      const frame = this.#assembler.add(part);
      if (frame !== null) yield this.#captured(frame, part.header.masked);
    }
  }

  #captured(frame: Frame, masked: boolean): CapturedFrame {
    const { opcode, fin, rsv1, payload } = frame;
    const { offset } = this.#parser;
    const about = { opcode, fin, rsv1, masked, bytes: payload.length, offset };
    if (isControl(opcode)) {
      const close = opcode === Opcode.close ? decodeClose(payload, { offset }) : null;
      return { ...about, compressed: false, isText: false, payload, close };
    }
    if (opcode !== Opcode.continuation) this.#begin(frame);
    const plain = this.#plain(payload, fin);
    this.#judgeText(plain, fin, offset);
    return { ...about, compressed: this.#compressed, isText: this.#isText, payload: plain, close: null };
  }

  #begin({ opcode, rsv1 }: Frame): void {
    this.#isText = opcode === Opcode.text;
    this.#compressed = rsv1;
    this.#utf8.reset();
  }

  #plain(payload: Buffer, fin: boolean): Buffer {
    if (!this.#compressed || this.#inflation === null) return payload;
    return this.#inflation.inflate(payload, fin, this.#maxFrameBytes);
  }

  #judgeText(plain: Buffer, fin: boolean, offset: number): void {
    if (!this.#isText) return;
    if (this.#utf8.push(plain) >= 0 || (fin && !this.#utf8.complete)) throw violation('INVALID_UTF8', { offset });
  }
}
