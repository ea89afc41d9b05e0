/**
 * Frames → messages, as a Transform.
 *
 * Knows: that control frames are no messages, and what the end of the frames means for a message that is cut off.
 * Does not know: the wire; message-assembler.ts knows how a message is put together.
 */
import { violation } from '../../errors.js';
import { Transform, type TransformCallback } from '../../streams.js';
import { type Frame, isControl } from '../frame.js';
import { byteLimit, optionsOf } from '../limits.js';
import { DEFAULT_MAX_MESSAGE_BYTES, MessageAssembler } from '../message-assembler.js';

/** Options of a MessageDecoder. A bad value is a UsageError when it is made. */
export interface MessageDecoderOptions {
  /** The largest message, all its fragments together, in bytes; over it: LimitError, 1009. Default 16 MiB; `Infinity` allowed. */
  readonly maxMessageBytes?: number | undefined;
}

/**
 * A Transform from `Frame` objects to messages: a string for text, a Buffer for binary, both owned by the reader.
 * Control frames are dropped: a ControlResponder in front answers them.
 *
 * Fails with a LimitError before it keeps bytes over the limit, with a ProtocolError (1007) at the first byte that is
 * not UTF-8, and with a ConnectionError (`ERR_WS_CUT_OFF`) when the frames end within a message.
 */
export class MessageDecoder extends Transform {
  readonly #assembler: MessageAssembler;
  #position = { offset: 0, frame: 0 };

  constructor(options: MessageDecoderOptions = {}) {
    const { maxMessageBytes } = optionsOf('MessageDecoder', options);
    super({ objectMode: true });
    this.#assembler = new MessageAssembler(byteLimit('maxMessageBytes', maxMessageBytes, DEFAULT_MAX_MESSAGE_BYTES));
  }

  override _transform(frame: Frame, _: BufferEncoding, done: TransformCallback): void {
    const { opcode, payload, fin } = frame;
    if (isControl(opcode)) {
      done();
      return;
    }
    try {
      this.#assembler.begin(opcode, payload.length, this.#position);
      const message = this.#assembler.add(payload, 0, payload.length, fin, this.#position);
      this.#position.frame++;
      this.#position.offset += payload.length;
      if (message !== null) this.push(message);
      done();
    } catch (error) {
      done(error as Error);
    }
  }

  override _flush(done: TransformCallback): void {
    done(this.#assembler.open ? violation('CUT_OFF', { frame: this.#position.frame }) : null);
  }

  override _destroy(error: Error | null, callback: (error?: Error | null) => void): void {
    this.#assembler.clear();
    super._destroy(error, callback);
  }
}
