/**
 * Answers control frames, as a Transform between FrameDecoder and the app (RFC 6455 §5.5).
 *
 * Knows: a ping wants a pong; a close ends the reading side and wants a close back when the app has finished.
 * Does not know: the wire, messages, sockets.
 */
import { UsageError, violation } from '../../errors.js';
import { Transform, type TransformCallback } from '../../streams.js';
import { CloseCode, type CloseReason, decodeClose, encodeClose } from '../close-code.js';
import { type Frame, frame as frameWith, Opcode } from '../frame.js';
import { milliseconds, optionsOf } from '../limits.js';
import type { FrameEncoder } from './frame-encoder.js';

/** Options of a ControlResponder. */
export interface ControlResponderOptions {
  /** Where answers go: the encoder at the end of the same pipeline. */
  readonly encoder: FrameEncoder;
  /** After the peer's close, the app has this many milliseconds to end its output. Default 5,000; `Infinity` allowed. */
  readonly closeTimeoutMs?: number | undefined;
}

/**
 * A Transform from `Frame` to `Frame`: data frames pass, control frames are answered here and go no further.
 *
 * A ping is answered through the encoder; while the encoder is full, nothing more is read, so a peer that pings and does
 * not read stops itself. A close ends the readable side; when the app has then ended too, the encoder sends the close
 * back as its last frame. An app that ends first closes with 1000. Emits 'ping' and 'pong' with the payload, and
 * 'close-frame' with `{ code, reason }`.
 *
 * Fails with a ProtocolError for a bad close frame, and with a ConnectionError when the wire ends without a close
 * (`ERR_WS_CUT_OFF`) or the app does not end in time (`ERR_WS_CLOSE_TIMEOUT`).
 */
export class ControlResponder extends Transform {
  readonly #encoder: FrameEncoder;
  readonly #closeTimeoutMs: number;
  #received: CloseReason | null = null;
  #frame = 0;
  #stopWaiting: (() => void) | null = null;
  /** The end of the wire, held back until the app has ended or the deadline has passed. */
  #parkedEnd: TransformCallback | null = null;

  constructor(options: ControlResponderOptions) {
    const { encoder, closeTimeoutMs } = optionsOf('ControlResponder', options);
    if (typeof encoder?.setFinalFrame !== 'function') throw new UsageError('ControlResponder needs a FrameEncoder.');
    super({ objectMode: true });
    this.#encoder = encoder;
    this.#closeTimeoutMs = milliseconds('closeTimeoutMs', closeTimeoutMs, 5_000);
    encoder.setFinalFrame(frameWith(Opcode.close, encodeClose(CloseCode.normal)));
  }

  /** What the peer's close frame said, or null while none has come. */
  get received(): CloseReason | null {
    return this.#received;
  }

  override _transform(frame: Frame, _: BufferEncoding, done: TransformCallback): void {
    this.#frame++;
    // Nothing counts after a close frame (§5.5.1).
    if (this.#received !== null) done();
    else if (frame.opcode === Opcode.ping) this.#answerPing(frame.payload, done);
    else if (frame.opcode === Opcode.close) this.#answerClose(frame.payload, done);
    else if (frame.opcode === Opcode.pong) {
      this.emit('pong', frame.payload);
      done();
    } else done(null, frame);
  }

  override _flush(done: TransformCallback): void {
    if (this.#received === null) done(violation('CUT_OFF', { frame: this.#frame }));
    else if (this.#stopWaiting === null) done();
    else this.#parkedEnd = done;
  }

  override _destroy(error: Error | null, callback: (error?: Error | null) => void): void {
    this.#stopWaiting?.();
    super._destroy(error, callback);
  }

  #answerPing(payload: Buffer, done: TransformCallback): void {
    this.emit('ping', payload);
    const encoder = this.#encoder;
    if (encoder.writableEnded || encoder.destroyed || encoder.write(frameWith(Opcode.pong, payload))) done();
    // An encoder that has been ended meanwhile never drains.
    else this.#waitFor(['drain', 'finish', 'close'], () => done());
  }

  #answerClose(payload: Buffer, done: TransformCallback): void {
    try {
      this.#received = decodeClose(payload, { frame: this.#frame - 1 });
    } catch (error) {
      done(error as Error);
      return;
    }
    const { code } = this.#received;
    this.#encoder.setFinalFrame(frameWith(Opcode.close, encodeClose(code)));
    this.emit('close-frame', this.#received);
    this.push(null);
    this.#limitClosing();
    done();
  }

  #limitClosing(): void {
    if (this.#encoder.writableEnded || this.#closeTimeoutMs === Infinity) return;
    const facts = { closeTimeoutMs: this.#closeTimeoutMs };
    const timer = setTimeout(() => this.destroy(violation('CLOSE_TIMEOUT', facts)), this.#closeTimeoutMs);
    this.#waitFor(['finish', 'close'], () => this.#parkedEnd?.());
    const stopListening = this.#stopWaiting;
    this.#stopWaiting = () => {
      clearTimeout(timer);
      stopListening?.();
    };
  }

  /** Calls `then` at the first of the encoder's `events`, unless we are destroyed before. */
  #waitFor(events: readonly ('drain' | 'finish' | 'close')[], then: () => void): void {
    const listener = () => {
      this.#stopWaiting?.();
      then();
    };
    for (const event of events) this.#encoder.on(event, listener);
    this.#stopWaiting = () => {
      for (const event of events) this.#encoder.off(event, listener);
      this.#stopWaiting = null;
    };
  }
}
