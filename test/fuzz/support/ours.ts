/** The codec of src: parser, assemblers, close payloads, put together as src/duplex does it. It stops at a close frame. */
import { decodeClose } from '../../../src/codec/close-code.js';
import { Opcode } from '../../../src/codec/frame.js';
import { FrameAssembler } from '../../../src/codec/frame-assembler.js';
import { FrameParser, type FramePart } from '../../../src/codec/frame-parser.js';
import { MessageAssembler } from '../../../src/codec/message-assembler.js';
import { WebSocketError } from '../../../src/errors.js';
import type { Recipient } from './fuzz-case.js';
import type { Outcome } from './outcome.js';

/** What our codec makes of the chunks. Chunks are borrowed and not written into. Errors that are not ours are thrown on. */
export function ours(recipient: Recipient, chunks: readonly Buffer[]): Outcome {
  const run = new Run(recipient);
  try {
    for (const chunk of chunks) run.take(chunk);
  } catch (error) {
    if (!(error instanceof WebSocketError)) throw error;
    return { events: run.events, closeCode: error.closeCode ?? 0, code: error.code };
  }
  return { events: run.events, closeCode: 0, code: '' };
}

class Run {
  readonly events: string[] = [];
  readonly #parser: FrameParser;
  readonly #controls = new FrameAssembler(false);
  readonly #messages: MessageAssembler;
  #isClosed = false;

  constructor({ role, limitBytes }: Recipient) {
    this.#messages = new MessageAssembler(limitBytes);
    this.#parser = new FrameParser({ role, maxFrameBytes: limitBytes, rsv1: false });
  }

  take(chunk: Buffer): void {
    if (this.#isClosed) return;
    this.#parser.push(chunk);
    for (let part = this.#parser.next(); part !== null; part = this.#parser.next()) {
      if (part.header.opcode >= 8) this.#control(part);
      else this.#data(part);
      if (this.#isClosed) return;
    }
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

  #data(part: FramePart): void {
    const { opcode, length, fin } = part.header;
    if (part.first) this.#messages.begin(opcode, length, this.#parser);
    const message = this.#messages.add(part.bytes, part.start, part.end, part.last && fin, this.#parser);
    if (message === null) return;
    this.events.push(typeof message === 'string' ? `text ${message}` : `binary ${message.toString('latin1')}`);
  }
}
