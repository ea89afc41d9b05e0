/**
 * Bytes → frames, as a Transform (RFC 6455 §5).
 *
 * Knows: options, and what the end of the wire means for a frame that is cut off.
 * Does not know: pings, closing, messages; frame-parser.ts knows the frames.
 */
import { UsageError, violation } from '../../errors.js';
import type { TransformCallback } from '../../streams.js';
import type { Role } from '../frame.js';
import { FrameAssembler } from '../frame-assembler.js';
import { FrameParser } from '../frame-parser.js';
import { byteLimit, count, oneOf, optionsOf } from '../limits.js';
import { DEFAULT_MAX_MESSAGE_BYTES } from '../message-assembler.js';
import type { UnmaskMode } from '../payload-memory.js';
import { PullTransform } from './pull-transform.js';

/** Options of a FrameDecoder. A bad value is a UsageError when it is made. */
export interface FrameDecoderOptions {
  /** Our role. A server requires masked frames, a client unmasked ones. */
  readonly role: Role;
  /** The largest payload of a data frame, in bytes; over it the header fails (1009). Default 16 MiB; `Infinity` allowed. */
  readonly maxFrameBytes?: number | undefined;
  /** True delivers a data frame as a run of fragments while its bytes arrive, in constant memory. Default false. */
  readonly splitFrames?: boolean | undefined;
  /**
   * `'in-place'` lets the decoder write into the chunks that it is given, and leave payloads there: one of up to 1 KiB may then
   * hold on to 16 KiB or 64 times its size, a larger one to four times. Default `'copy'`.
   */
  readonly unmask?: UnmaskMode | undefined;
  /** What the handshake agreed on: `permessage-deflate` gives RSV1 a meaning. Default none. */
  readonly extensions?:
    | readonly {
        /** `permessage-deflate`; other names change nothing. */
        readonly name: string;
      }[]
    | undefined;
  /** Frames that may wait for the reader. Default 16. */
  readonly readableHighWaterMark?: number | undefined;
}

/**
 * A Transform from wire bytes to `Frame` objects. Payloads belong to the reader and hold on to at most 8 KiB more than
 * themselves, or to twice their size.
 *
 * Fails with a ProtocolError or LimitError at the first byte that proves a violation, and with a ConnectionError
 * (`ERR_WS_CUT_OFF`) when the wire ends within a frame or a message. A bad option throws a UsageError.
 */
export class FrameDecoder extends PullTransform<Buffer> {
  readonly #parser: FrameParser;
  readonly #assembler: FrameAssembler;

  constructor(options: FrameDecoderOptions) {
    const { role, unmask = 'copy', splitFrames = false, extensions = [] } = optionsOf('FrameDecoder', options);
    if (!Array.isArray(extensions)) throw new UsageError('extensions is an array of { name }.');
    super({
      readableObjectMode: true,
      // Node has no Infinity here.
      readableHighWaterMark: Math.min(count('readableHighWaterMark', options.readableHighWaterMark, 16), 2 ** 31),
    });
    this.#parser = new FrameParser(
      {
        role: oneOf('role', role, ['client', 'server']),
        maxFrameBytes: byteLimit('maxFrameBytes', options.maxFrameBytes, DEFAULT_MAX_MESSAGE_BYTES),
        rsv1: extensions.some(({ name }) => name === 'permessage-deflate'),
      },
      oneOf('unmask', unmask, ['copy', 'in-place']),
      splitFrames ? 'none' : 'data',
    );
    this.#assembler = new FrameAssembler(splitFrames);
  }

  protected override accept(chunk: Buffer): void {
    this.#parser.push(chunk);
  }

  protected override produce(): unknown {
    for (let part = this.#parser.next(); part !== null; part = this.#parser.next()) {
      const frame = this.#assembler.add(part);
      if (frame !== null) return frame;
    }
    return null;
  }

  protected override discard(): void {
    this.#parser.discard();
    this.#assembler.clear();
  }

  override _flush(done: TransformCallback): void {
    const { atBoundary, offset, frame } = this.#parser;
    done(atBoundary ? null : violation('CUT_OFF', { offset, frame }));
  }
}
