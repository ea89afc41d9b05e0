/**
 * Messages → frames, as a Transform.
 *
 * Knows: which values are messages, and how a message is cut into fragments (RFC 6455 §5.4).
 * Does not know: the wire.
 */
import { Buffer } from 'node:buffer';
import { UsageError } from '../../errors.js';
import { type Frame, Opcode } from '../frame.js';
import { count, optionsOf } from '../limits.js';
import { bytesOf } from '../payload.js';
import { PullTransform } from './pull-transform.js';

/** Options of a MessageEncoder. A bad value is a UsageError when it is made. */
export interface MessageEncoderOptions {
  /** Longer messages are sent in fragments of this many bytes. Default `Infinity`: one frame a message. */
  readonly fragmentBytes?: number | undefined;
}

/** What a MessageEncoder takes: a string becomes a text message, bytes become a binary one. */
export type EncodableMessage = string | ArrayBufferView | ArrayBuffer;

/**
 * A Transform from messages to `Frame` objects. Payloads of binary messages are views of what was written: they must
 * not change until they are sent. Writing anything else destroys the stream with a UsageError.
 */
export class MessageEncoder extends PullTransform<EncodableMessage> {
  readonly #fragmentBytes: number;
  #opcode: Opcode = Opcode.continuation;
  /** What is left of the message; null between messages. */
  #rest: Buffer | null = null;

  constructor(options: MessageEncoderOptions = {}) {
    const { fragmentBytes } = optionsOf('MessageEncoder', options);
    super({ objectMode: true });
    this.#fragmentBytes = count('fragmentBytes', fragmentBytes, Infinity);
  }

  protected override accept(message: EncodableMessage): void {
    const isText = typeof message === 'string';
    const payload = isText ? Buffer.from(message) : bytesOf(message);
    if (payload === null) throw new UsageError('A message is a string, an ArrayBufferView or an ArrayBuffer.');
    this.#opcode = isText ? Opcode.text : Opcode.binary;
    this.#rest = payload;
  }

  protected override produce(): Frame | null {
    const rest = this.#rest;
    if (rest === null) return null;
    const fin = rest.length <= this.#fragmentBytes;
    const payload = fin ? rest : rest.subarray(0, this.#fragmentBytes);
    const opcode = this.#opcode;
    this.#rest = fin ? null : rest.subarray(this.#fragmentBytes);
    this.#opcode = Opcode.continuation;
    return { opcode, fin, rsv1: false, rsv2: false, rsv3: false, payload };
  }

  protected override discard(): void {
    this.#rest = null;
  }
}
