/**
 * Frames → bytes, as a Transform (RFC 6455 §5).
 *
 * Knows: which frames may be written, and that the frames of one tick leave together.
 * Does not know: messages, or whether fragments come in a legal order.
 */
import { Buffer } from 'node:buffer';
import { UsageError } from '../../errors.js';
import { Transform, type TransformCallback } from '../../streams.js';
import { type Frame, isControl, MAX_CONTROL_BYTES, type Role } from '../frame.js';
import { FrameWriter } from '../frame-writer.js';
import { oneOf, optionsOf } from '../limits.js';
import type { MaskKeySource } from '../mask-keys.js';
import { writeCutOff } from './pull-transform.js';

/** Options of a FrameEncoder. A bad value is a UsageError when it is made. */
export interface FrameEncoderOptions {
  /** Our role. A client masks what it sends, a server does not. */
  readonly role: Role;
  /** Gives a masking key for each frame of a client. Default: a fresh key from the system's generator (§10.3). */
  readonly maskKey?: MaskKeySource | undefined;
}

/** Bytes that may wait for the reader, or be collected within one tick, before writing stops. */
const HIGH_WATER_MARK_BYTES = 65_536;

/**
 * A Transform from `Frame` objects to wire bytes. Frames written within one tick leave as one buffer. Payloads are never
 * written into; a server's payloads over 4 KiB are passed on, not copied, so they must not change until they are sent.
 * Writing what is not a frame destroys the stream with a UsageError.
 */
export class FrameEncoder extends Transform {
  readonly #writer: FrameWriter;
  #parked: TransformCallback | null = null;
  #flushing = false;
  #full = false;
  #finalFrame: Frame | null = null;

  constructor(options: FrameEncoderOptions) {
    const { role, maskKey } = optionsOf('FrameEncoder', options);
    super({ writableObjectMode: true, readableHighWaterMark: HIGH_WATER_MARK_BYTES });
    if (maskKey !== undefined && typeof maskKey !== 'function') throw new UsageError('maskKey is a function.');
    this.#writer = new FrameWriter(oneOf('role', role, ['client', 'server']), maskKey);
  }

  /** Sets the frame that goes out after everything else when the stream ends: a close frame. Null for none, the default. */
  setFinalFrame(frame: Frame | null): void {
    this.#finalFrame = frame;
  }

  override _transform(frame: Frame, _: BufferEncoding, done: TransformCallback): void {
    const mistake = mistakeIn(frame);
    if (mistake !== null) {
      done(new UsageError(mistake));
      return;
    }
    this.#writer.add(frame);
    if (this.#writer.pendingBytes >= HIGH_WATER_MARK_BYTES) this.#pushPending();
    else this.#pushAfterThisTick();
    if (this.#full) this.#parked = done;
    else done();
  }

  override _read(size: number): void {
    this.#full = false;
    this.#settle(null);
    // Transform may have parked that write again: it counts the bytes that this very read is about to take.
    super._read(size);
  }

  override _flush(done: TransformCallback): void {
    if (this.#finalFrame !== null) this.#writer.add(this.#finalFrame);
    this.#pushPending();
    done();
  }

  override _destroy(error: Error | null, callback: (error?: Error | null) => void): void {
    // Nothing is left to push after this tick.
    this.#writer.take();
    super._destroy(error, callback);
    this.#settle(error ?? writeCutOff());
  }

  /** Ends the write that is under way, once. */
  #settle(error: Error | null): void {
    const done = this.#parked;
    this.#parked = null;
    done?.(error);
  }

  #pushAfterThisTick(): void {
    if (this.#flushing) return;
    this.#flushing = true;
    process.nextTick(() => {
      this.#flushing = false;
      this.#pushPending();
    });
  }

  #pushPending(): void {
    for (const bytes of this.#writer.take()) {
      if (!this.push(bytes)) this.#full = true;
    }
  }
}

/** Why `frame` cannot be sent, or null. */
function mistakeIn(frame: Frame): string | null {
  if (typeof frame !== 'object') return 'A FrameEncoder takes Frame objects.';
  const { opcode, payload, fin } = frame;
  if (!Number.isInteger(opcode) || opcode < 0 || opcode > 10 || (opcode > 2 && opcode < 8)) {
    return 'The opcode of a frame is one of Opcode.';
  }
  if (!Buffer.isBuffer(payload)) return 'The payload of a frame is a Buffer.';
  if (!isControl(opcode)) return null;
  if (payload.length > MAX_CONTROL_BYTES) return `A control frame has at most ${MAX_CONTROL_BYTES} bytes.`;
  return fin ? null : 'A control frame is never fragmented.';
}
