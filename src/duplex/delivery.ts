/**
 * From parts of data frames to what the reader gets: three ways, one interface.
 *
 * Knows: when the reader has enough.
 * Does not know: control frames, sockets.
 */
import { detach } from '../codec/bytes.js';
import { Opcode } from '../codec/frame.js';
import type { FrameParser } from '../codec/frame-parser.js';
import type { FramePart } from '../codec/frame-part.js';
import type { Position } from '../codec/header.js';
import { type Message, MessageAssembler } from '../codec/message-assembler.js';
import type { LeftMasked } from '../codec/payload-memory.js';
import { isWholeText, Utf8Validator } from '../codec/utf8.js';
import { violation } from '../errors.js';
import { MessageStream } from './message-stream.js';
import type { WebSocketSettings } from './options.js';
import { PassingText } from './outgoing.js';
import type { WriteSide } from './write-side.js';

/** What a delivery hands over, and to whom. */
export interface Outlet {
  /** Gives the reader its next item; false when it has enough. */
  push(item: Message | MessageStream): boolean;
  /** A whole message was read, or one that is read as a stream begins (`message` null). */
  reportMessage(type: 'text' | 'binary', message: Message | null): void;
  /** Where messages go without the reader's having to see them; null where it has to. */
  readonly forwardsTo: WriteSide | null;
  /** Gives `text` to where messages go, behind what waits there; false when the reader has to see it. With null only tells. */
  relay(text: PassingText | null): boolean;
  /** Data messages that have ended; who passes some on counts them here. */
  messagesReceived: number;
  /** The reader of a MessageStream wants more. */
  resume(): void;
  /** A MessageStream was destroyed before its end. */
  abandoned(): void;
}

export interface Delivery {
  /** Whose parts it takes masked. */
  readonly takesMasked: LeftMasked;
  /** A chunk has come. True when its messages are passed on, as a rule: nothing of them is kept. */
  begin(): boolean;
  /**
   * Passes on the small messages that `parser` comes to next, and returns how many. Where `begin` said true, and before each `take` if at
   * all; `isFirst` when nothing has happened since.
   */
  takeRun(parser: FrameParser, isFirst: boolean): number;
  /** True when no more parts should come. */
  readonly full: boolean;
  /** The reader asks for the next item. */
  wanted(): void;
  /** Takes a part of a data frame. Throws a ProtocolError or LimitError. */
  take(part: FramePart, position: Position): void;
  /** There will be no more parts. */
  stop(error: Error | null): void;
}

/** A text in one piece that nobody looks at stays bytes when it is longer. */
const LONG_BYTES = 32_768;

/** The delivery that `settings.readAs` asks for. */
export function deliveryFor(settings: WebSocketSettings, outlet: Outlet): Delivery {
  if (settings.readAs === 'message') return new MessageDelivery(settings.maxMessageBytes, outlet);
  return new PieceDelivery(settings.maxMessageBytes, outlet, settings.readAs === 'stream');
}

/** Whole messages. At most one waits for the reader. */
class MessageDelivery implements Delivery {
  readonly #maxMessageBytes: number;
  readonly #outlet: Outlet;
  readonly #assembler: MessageAssembler;
  /** Where messages go: as `begin` has found; and as `takeRun` has, undefined where nobody asks it, of what was compressed. */
  #found: WriteSide | null = null;
  #next: WriteSide | null | undefined;
  readonly takesMasked = 'binary';
  full = false;

  constructor(maxMessageBytes: number, outlet: Outlet) {
    this.#maxMessageBytes = maxMessageBytes;
    this.#outlet = outlet;
    this.#assembler = new MessageAssembler(maxMessageBytes);
  }

  begin(): boolean {
    this.#found = this.#outlet.forwardsTo;
    this.#assembler.isPassedOn = this.#found !== null;
    return this.#found !== null;
  }

  takeRun(parser: FrameParser, isFirst: boolean): number {
    const to = isFirst ? this.#found : this.#outlet.forwardsTo;
    this.#next = to;
    if (to?.session?.sender.isServer !== true) return 0;
    const count = parser.passRun(this.#maxMessageBytes);
    if (count === 0) return 0;
    this.#outlet.messagesReceived += count;
    to.senderFor(count).reframed(count);
    return count;
  }

  wanted(): void {
    this.full = false;
  }

  take(part: FramePart, position: Position): void {
    if (this.#found !== null && this.#forward(part)) return;
    const { header, bytes, start, end, views, key } = part;
    if (part.first) this.#begin(part, position);
    const taken = this.#assembler.add(bytes, start, end, part.last && header.fin, position, views, key);
    if (taken === null || this.#forwardWhole(taken)) return;
    const message = this.#assembler.keepsBytes ? taken.toString() : taken;
    this.#outlet.reportMessage(typeof message === 'string' ? 'text' : 'binary', message);
    this.full = !this.#outlet.push(message);
  }

  stop(): void {
    this.#assembler.clear();
  }

  #begin({ header }: FramePart, position: Position): void {
    const { opcode, length, fin } = header;
    if (opcode !== Opcode.continuation) {
      const isLong = opcode === Opcode.text && (!fin || length > LONG_BYTES);
      this.#assembler.keepsBytes = isLong && this.#outlet.relay(null);
    }
    this.#assembler.begin(opcode, length, position);
  }

  /** Passes on a message that came in pieces, or is long; false for what has to go through the reader. */
  #forwardWhole(message: Message): boolean {
    if (typeof message === 'string') return false;
    const isText = this.#assembler.keepsBytes;
    const to = this.#found === null ? null : this.#outlet.forwardsTo;
    if (to !== null) to.senderFor(1).passing(isText ? Opcode.text : Opcode.binary, message);
    else if (!isText || !this.#outlet.relay(new PassingText(message))) return false;
    this.#outlet.messagesReceived++;
    return true;
  }

  /** Passes on a message that lies in one piece; false for all that has to go through the reader, or is wrong. */
  #forward(part: FramePart): boolean {
    const { header, first, last, bytes, start, end } = part;
    if (!first || !last || !header.fin || header.opcode === Opcode.continuation) return false;
    const to = this.#next === undefined ? this.#outlet.forwardsTo : this.#next;
    if (to === null || header.length > this.#maxMessageBytes) return false;
    if (header.opcode === Opcode.text && !isWholeText(bytes, start, end)) return false;
    this.#outlet.messagesReceived++;
    to.senderFor(1).copy(part);
    return true;
  }
}

/** Payload as it arrives: into a stream for each message, or all of it into the reader itself. */
class PieceDelivery implements Delivery {
  readonly #maxMessageBytes: number;
  readonly #outlet: Outlet;
  readonly #asStreams: boolean;
  readonly #utf8 = new Utf8Validator();
  #isText = false;
  #messageBytes = 0;
  #outletFull = false;
  /** The message that is being read as a stream; null between messages, and for one that was abandoned. */
  #stream: MessageStream | null = null;
  #streamFull = false;
  readonly takesMasked = 'none';

  constructor(maxMessageBytes: number, outlet: Outlet, asStreams: boolean) {
    this.#maxMessageBytes = maxMessageBytes;
    this.#outlet = outlet;
    this.#asStreams = asStreams;
  }

  get full(): boolean {
    return this.#stream === null ? this.#outletFull : this.#streamFull;
  }

  begin(): boolean {
    return false;
  }

  takeRun(): number {
    return 0;
  }

  wanted(): void {
    this.#outletFull = false;
  }

  take(part: FramePart, position: Position): void {
    if (part.first) this.#begin(part, position);
    const final = part.last && part.header.fin;
    if (this.#isText) this.#validate(part, final, position);
    this.#messageBytes += part.end - part.start;
    if (part.end > part.start) this.#give(detach(part.bytes, part.start, part.end, part.views));
    if (!final) return;
    const stream = this.#stream;
    this.#stream = null;
    stream?.push(null);
  }

  stop(error: Error | null): void {
    const stream = this.#stream;
    this.#stream = null;
    stream?.destroy(error ?? violation('CUT_OFF'));
  }

  #begin({ header }: FramePart, { offset, frame }: Position): void {
    if (header.opcode !== Opcode.continuation) this.#beginMessage(header.opcode === Opcode.text);
    const atLeast = this.#messageBytes + header.length;
    if (atLeast <= this.#maxMessageBytes) return;
    throw violation('MESSAGE_TOO_BIG', { atLeast, maxMessageBytes: this.#maxMessageBytes, offset, frame });
  }

  #beginMessage(isText: boolean): void {
    this.#isText = isText;
    this.#messageBytes = 0;
    const type = isText ? 'text' : 'binary';
    this.#outlet.reportMessage(type, null);
    if (!this.#asStreams) return;
    const stream: MessageStream = new MessageStream(type, {
      onWanted: () => {
        if (stream !== this.#stream) return;
        this.#streamFull = false;
        this.#outlet.resume();
      },
      onAbandoned: () => {
        if (stream !== this.#stream) return;
        this.#stream = null;
        this.#outlet.abandoned();
      },
    });
    this.#stream = stream;
    this.#streamFull = false;
    this.#outletFull = !this.#outlet.push(stream);
  }

  #give(bytes: Buffer): void {
    if (!this.#asStreams) this.#outletFull = !this.#outlet.push(bytes);
    else if (this.#stream !== null) this.#streamFull = !this.#stream.push(bytes);
  }

  #validate({ bytes, start, end }: FramePart, final: boolean, { offset, frame }: Position): void {
    const bad = this.#utf8.push(bytes, start, end);
    if (bad === -1 && (!final || this.#utf8.complete)) return;
    const byte = this.#messageBytes + (bad === -1 ? end : bad) - start;
    throw violation('INVALID_UTF8', { byte, offset, frame });
  }
}
