/**
 * Frames → frames, compressed messages inflated (RFC 7692 §6.2), as a Transform.
 *
 * Knows: where RSV1 may stand, which frames are not its business.
 * Does not know: DEFLATE; part-inflater.ts does. It stands between a FrameDecoder, which must have been told of the
 * extensions too, and a MessageDecoder.
 */
import { type Frame, isControl, Opcode } from '../../codec/frame.js';
import type { FramePart } from '../../codec/frame-part.js';
import { byteLimit } from '../../codec/limits.js';
import { DEFAULT_MAX_MESSAGE_BYTES } from '../../codec/message-assembler.js';
import { PullTransform } from '../../codec/stream/pull-transform.js';
import { violation } from '../../errors.js';
import { EFFORT_A_TURN, type Inflater } from './inflater.js';
import { PartInflater } from './part-inflater.js';
import { type DeflateStageOptions, stageCompression } from './stage-options.js';

/** Options of a FrameInflater. A bad value is a UsageError when it is made. */
export interface FrameInflaterOptions extends DeflateStageOptions {
  /** What a compressed message may inflate to, in bytes; over it: LimitError, 1009. Default 16 MiB; `Infinity` allowed. */
  readonly maxMessageBytes?: number | undefined;
}

/** Frames that may wait for the reader, of at most 64 KiB each when they were compressed. */
const HIGH_WATER_MARK_FRAMES = 4;

/**
 * A Transform from `Frame` objects to `Frame` objects with RSV1 clear. A compressed message comes out as fragments of at
 * most 64 KiB, inflated as the reader takes them; other frames pass as they are, control frames in between included.
 * Fails with a ProtocolError for RSV1 where it must not be (1002) and for what is not DEFLATE (1007), and with a
 * LimitError (1009) before it hands out a byte over the limit.
 */
export class FrameInflater extends PullTransform<Frame> {
  readonly #inflater: Inflater | null;
  readonly #parts: PartInflater | null;
  readonly #position = { offset: 0, frame: -1 };
  /** The effort of inflating at which this turn of the event loop ends. */
  #effortLimit = EFFORT_A_TURN;
  /** A frame that passes as it is. */
  #passing: Frame | null = null;

  constructor(options: FrameInflaterOptions) {
    const stage = stageCompression('FrameInflater', options);
    const limit = byteLimit('maxMessageBytes', options.maxMessageBytes, DEFAULT_MAX_MESSAGE_BYTES);
    super({ objectMode: true, highWaterMark: HIGH_WATER_MARK_FRAMES });
    this.#inflater = stage === null ? null : stage.compression.inflater(stage.agreement);
    this.#parts = this.#inflater === null ? null : new PartInflater(this.#inflater, limit);
  }

  protected override accept(frame: Frame): void {
    const { opcode, rsv1, payload } = frame;
    this.#position.frame++;
    const marked = rsv1 && (this.#parts === null || isControl(opcode) || opcode === Opcode.continuation);
    if (marked) throw violation('RESERVED_BIT', { opcode, ...this.#position });
    if (this.#parts === null || isControl(opcode)) this.#passing = frame;
    else this.#parts.push(partOf(frame));
    this.#position.offset += payload.length;
  }

  protected override produce(): Frame | null {
    const frame = this.#passing;
    this.#passing = null;
    if (frame !== null) return frame;
    const part = this.#parts?.next(this.#position) ?? null;
    return part === null ? null : frameOf(part);
  }

  protected override isTired(): boolean {
    return (this.#inflater?.effort ?? 0) >= this.#effortLimit;
  }

  protected override rested(): void {
    this.#effortLimit = (this.#inflater?.effort ?? 0) + EFFORT_A_TURN;
  }

  protected override discard(): void {
    this.#passing = null;
    this.#inflater?.close();
  }
}

function partOf({ opcode, fin, rsv1, payload }: Frame): FramePart {
  const header = { opcode, fin, rsv1, masked: false, length: payload.length, key: 0 };
  return { header, bytes: payload, views: null, start: 0, end: payload.length, key: 0, first: true, last: true };
}

function frameOf({ header: { opcode, fin }, bytes, start, end, views }: FramePart): Frame {
  const payload = views === null ? bytes : views.detach(start, end);
  return { opcode, fin, rsv1: false, rsv2: false, rsv3: false, payload };
}
