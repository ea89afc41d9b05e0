/**
 * Frames → frames, messages compressed (RFC 7692 §6.1), as a Transform.
 *
 * Knows: which messages are worth it, and that RSV1 stands on the first frame only.
 * Does not know: DEFLATE; deflater.ts does. It stands between a MessageEncoder and a FrameEncoder.
 */
import { type Frame, isControl, Opcode } from '../../codec/frame.js';
import { PullTransform } from '../../codec/stream/pull-transform.js';
import { UsageError } from '../../errors.js';
import type { Deflater } from './deflater.js';
import { type DeflateStageOptions, stageCompression } from './stage-options.js';
import { SLICE_BYTES } from './zlib-context.js';

/** Options of a FrameDeflater. A bad value is a UsageError when it is made. */
export interface FrameDeflaterOptions extends DeflateStageOptions {
  /**
   * Whether to compress the message that begins with this frame, if it is long enough. Say false for messages that mix
   * secrets with text of an attacker's choice: the length would tell. Default: every message.
   */
  readonly shouldCompress?: ((first: Frame) => boolean) | undefined;
}

/** What becomes of the frames of the message that is under way. */
type Mode = 'pass' | 'compress';

/**
 * A Transform from `Frame` objects to `Frame` objects. A message of one frame is compressed when it has at least
 * `threshold` bytes and becomes smaller; one that is longer than 64 KiB leaves as fragments. A message in fragments is
 * compressed fragment by fragment, each readable at once. Frames that have RSV1 set already, and control frames, pass.
 */
export class FrameDeflater extends PullTransform<Frame> {
  readonly #deflater: Deflater | null;
  readonly #threshold: number;
  readonly #shouldCompress: (first: Frame) => boolean;
  #mode: Mode = 'pass';
  #passing: Frame | null = null;
  /** The frame that is being compressed, from `#at` on; null between frames. */
  #frame: Frame | null = null;
  #at = 0;
  /** Slices that were compressed in this turn of the event loop. */
  #slices = 0;
  /** What the next compressed frame is: the message's first one, with its opcode and RSV1, or a continuation. */
  #opcode: Opcode = Opcode.continuation;

  constructor(options: FrameDeflaterOptions) {
    const stage = stageCompression('FrameDeflater', options);
    const { shouldCompress = () => true } = options;
    if (typeof shouldCompress !== 'function') throw new UsageError('shouldCompress is a function.');
    super({ objectMode: true });
    this.#deflater = stage === null ? null : stage.compression.deflater(stage.agreement);
    this.#threshold = stage?.agreement.threshold ?? Infinity;
    this.#shouldCompress = shouldCompress;
  }

  protected override accept(frame: Frame): void {
    if (isControl(frame.opcode)) {
      this.#passing = frame;
      return;
    }
    if (frame.opcode !== Opcode.continuation) this.#begin(frame);
    if (this.#mode === 'pass') this.#passing = frame;
    else this.#compress(frame);
  }

  protected override produce(): Frame | null {
    const passing = this.#passing;
    this.#passing = null;
    if (passing !== null) return passing;
    return this.#frame === null || this.#deflater === null ? null : this.#nextPiece(this.#frame, this.#deflater);
  }

  protected override isTired(): boolean {
    return this.#slices > 0 && this.#frame !== null;
  }

  protected override rested(): void {
    this.#slices = 0;
  }

  protected override discard(): void {
    this.#passing = null;
    this.#frame = null;
    this.#deflater?.close();
  }

  #begin(frame: Frame): void {
    const long = !frame.fin || frame.payload.length >= this.#threshold;
    const compress = this.#deflater !== null && !frame.rsv1 && long && this.#shouldCompress(frame);
    this.#mode = compress ? 'compress' : 'pass';
    this.#opcode = frame.opcode;
  }

  #compress(frame: Frame): void {
    const isSmallMessage = frame.fin && frame.opcode !== Opcode.continuation && frame.payload.length <= SLICE_BYTES;
    if (isSmallMessage && this.#deflater !== null) {
      const payload = this.#deflater.compress(frame.payload);
      this.#passing = payload === null ? frame : { ...frame, rsv1: true, payload };
      return;
    }
    this.#frame = frame;
    this.#at = 0;
  }

  /**
   * Compresses the next slice of `frame`. Each is flushed: some bytes more, for a turn of the event loop after each. Null
   * when there was nothing in it.
   */
  #nextPiece(frame: Frame, deflater: Deflater): Frame | null {
    const end = Math.min(this.#at + SLICE_BYTES, frame.payload.length);
    const isLast = end === frame.payload.length;
    const fin = isLast && frame.fin;
    const payload = deflater.piece(frame.payload.subarray(this.#at, end), fin ? 'message' : 'flush');
    this.#slices++;
    this.#at = end;
    if (isLast) this.#frame = null;
    if (payload.length === 0 && !fin) return null;
    const opcode = this.#opcode;
    this.#opcode = Opcode.continuation;
    return { opcode, fin, rsv1: opcode !== Opcode.continuation, rsv2: false, rsv3: false, payload };
  }
}
