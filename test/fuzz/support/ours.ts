/**
 * The codec of src: parser, inflater, assemblers, close payloads, put together as src/duplex does it.
 *
 * Knows: that nothing is to be read after a close frame; how to take a window away between two messages.
 * Does not know: what is right.
 */
import { decodeClose } from '../../../src/codec/close-code.js';
import { Opcode } from '../../../src/codec/frame.js';
import { FrameAssembler } from '../../../src/codec/frame-assembler.js';
import { FrameParser } from '../../../src/codec/frame-parser.js';
import type { FramePart } from '../../../src/codec/frame-part.js';
import { MessageAssembler } from '../../../src/codec/message-assembler.js';
import type { DeflateDirection } from '../../../src/deflate/agreement.js';
import type { Inflater } from '../../../src/deflate/stream/inflater.js';
import { PartInflater } from '../../../src/deflate/stream/part-inflater.js';
import { WebSocketError } from '../../../src/errors.js';
import { compression } from '../../support/deflate.js';
import { largestFrameTo, type Recipient } from './fuzz-case.js';
import type { Outcome } from './outcome.js';

/** One context for all: whoever needs it takes it from the one before, whose window has to be saved. */
const SHARED = compression({ maxContexts: 1, idleReleaseMs: Infinity });
const HELLO = Buffer.from('f248cdc9c90700', 'hex');

/**
 * What our codec makes of the chunks. Chunks are borrowed and not written into. Errors that are not ours are thrown on.
 * When there are several chunks, another connection takes the zlib context after each message.
 */
export function ours(recipient: Recipient, chunks: readonly Buffer[]): Outcome {
  const run = new Run(recipient, chunks.length > 1);
  try {
    for (const chunk of chunks) run.take(chunk);
  } catch (error) {
    if (!(error instanceof WebSocketError)) throw error;
    return { events: run.events, closeCode: error.closeCode ?? 0, code: error.code, why: error.message };
  } finally {
    run.close();
  }
  return { events: run.events, closeCode: 0, code: '', why: '' };
}

class Run {
  readonly events: string[] = [];
  readonly #parser: FrameParser;
  readonly #controls = new FrameAssembler(false);
  readonly #messages: MessageAssembler;
  readonly #inflating: { readonly inflater: Inflater; readonly parts: PartInflater } | null;
  readonly #loses: DeflateDirection | null;
  #isClosed = false;

  constructor(recipient: Recipient, losesContext: boolean) {
    const { role, limitBytes, deflate } = recipient;
    this.#messages = new MessageAssembler(limitBytes);
    const rules = { role, maxFrameBytes: largestFrameTo(recipient), rsv1: deflate !== null };
    this.#parser = new FrameParser(rules, 'copy', deflate === null ? 'binary' : 'none');
    this.#inflating = deflate === null ? null : inflating(deflate, limitBytes);
    this.#loses = losesContext ? deflate : null;
  }

  take(chunk: Buffer): void {
    if (this.#isClosed) return;
    this.#parser.push(chunk);
    for (let part = this.#parser.next(); part !== null; part = this.#parser.next()) {
      if (part.header.opcode >= 8) this.#control(part);
      else if (this.#inflating === null) this.#data(part);
      else this.#inflate(part, this.#inflating.parts);
      if (this.#isClosed) return;
    }
  }

  close(): void {
    this.#inflating?.inflater.close();
  }

  #control(part: FramePart): void {
    const frame = this.#controls.add(part);
    if (frame === null) return;
    if (frame.opcode !== Opcode.close) {
      this.events.push((frame.opcode === Opcode.ping ? 'ping ' : 'pong ') + frame.payload.toString('latin1'));
      return;
    }
    const { code, reason } = decodeClose(frame.payload, { offset: this.#parser.offset });
    this.events.push(`close ${code} ${reason}`);
    this.#isClosed = true;
  }

  #inflate(part: FramePart, parts: PartInflater): void {
    parts.push(part);
    for (let plain = parts.next(this.#parser); plain !== null; plain = parts.next(this.#parser)) this.#data(plain);
  }

  #data(part: FramePart): void {
    const { opcode, length, fin } = part.header;
    if (part.first) this.#messages.begin(opcode, length, this.#parser);
    const message = this.#messages.add(
      part.bytes,
      part.start,
      part.end,
      part.last && fin,
      this.#parser,
      part.views,
      part.key,
    );
    if (message === null) return;
    this.events.push(typeof message === 'string' ? `text ${message}` : `binary ${message.toString('latin1')}`);
    if (this.#loses !== null) takeContext(this.#loses);
  }
}

function inflating(inflate: DeflateDirection, limitBytes: number) {
  const inflater = SHARED.inflater({ inflate });
  return { inflater, parts: new PartInflater(inflater, limitBytes) };
}

/** Another connection reads a message, and is gone. */
function takeContext(inflate: DeflateDirection): void {
  const other = SHARED.inflater({ inflate });
  other.push(HELLO, 0, HELLO.length, true);
  while (other.next(100) !== 0);
  other.close();
}
