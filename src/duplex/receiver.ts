/**
 * The reading half of a WebSocket: transport bytes → frames → delivery.
 *
 * Knows: when to stop and start the transport, what a part of a control frame is.
 * Does not know: what a control frame asks for, or how messages are handed over (delivery.ts).
 */
import { Buffer } from 'node:buffer';
import { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { detach, NO_BYTES } from '../codec/bytes.js';
import { isControl, type Opcode, type Role } from '../codec/frame.js';
import { FrameParser } from '../codec/frame-parser.js';
import type { FramePart } from '../codec/frame-part.js';
import type { Position } from '../codec/header.js';
import { EFFORT_A_TURN } from '../deflate/stream/inflater.js';
import type { LoopTurn } from '../deflate/stream/loop-turn.js';
import type { PartInflater } from '../deflate/stream/part-inflater.js';
import { LimitError, ProtocolError, type WebSocketError } from '../errors.js';
import { type Delivery, deliveryFor, type Outlet } from './delivery.js';
import { channels } from './diagnostics.js';
import type { WebSocketSettings } from './options.js';
import { largestFrame, type SessionDeflate } from './session-deflate.js';

export interface ReceiverOwner {
  /** A whole control frame; `payload` belongs to the owner. */
  control(opcode: Opcode, payload: Buffer, position: Position): void;
  /** The peer broke the protocol or our limits. */
  violated(error: WebSocketError): void;
  /** What diagnostics name as the socket. */
  readonly socket: unknown;
}

/** Our role, and the largest frame in bytes. */
export interface ReceiverSettings {
  readonly role: Role;
  readonly maxFrameBytes: number;
  /** Where parts of data frames go first when compression was agreed on. */
  readonly inflated: PartInflater | null;
  /** Says when inflating has to let others have a turn; null without compression. */
  readonly turn: LoopTurn | null;
}

/** Pulls frames out of a transport for as long as the delivery has room. */
export class Receiver {
  readonly #owner: ReceiverOwner;
  readonly #delivery: Delivery;
  readonly #parser: FrameParser;
  readonly #inflated: PartInflater | null;
  readonly #turn: LoopTurn | null;
  #effortLimit = EFFORT_A_TURN;
  readonly #transport: Duplex;
  #controlPayload: Buffer = NO_BYTES;
  #pumping = false;
  #passesOn = false;
  #paused = false;
  #stopped = false;
  #afterLast: (() => void) | null = null;
  bytesReceived = 0;
  /** Frames whose header has come, control frames included. */
  framesReceived = 0;
  #yielding = false;

  constructor(owner: ReceiverOwner, transport: Duplex, delivery: Delivery, settings: ReceiverSettings) {
    this.#owner = owner;
    this.#transport = transport;
    this.#delivery = delivery;
    // Nobody else reads what net and tls sockets give us, so it may be overwritten; other streams may pass on bytes
    // that somebody keeps.
    const mode = transport instanceof Socket ? 'in-place' : 'copy';
    const { role, maxFrameBytes, inflated, turn } = settings;
    this.#inflated = inflated;
    this.#turn = turn;
    const masked = inflated === null ? delivery.takesMasked : 'none';
    this.#parser = new FrameParser({ role, maxFrameBytes, rsv1: inflated !== null }, mode, masked);
  }

  /** True while our own reader is what holds the transport up: the peer's silence says nothing then. */
  get isPaused(): boolean {
    return this.#paused;
  }

  /** True while a message has begun and not ended. */
  get isWithinMessage(): boolean {
    return this.#parser.isWithinMessage;
  }

  /** Takes bytes of the transport, and all that they lead to. Those of a chunk that `isLent` are copied if they have to wait. */
  receive(chunk: Buffer, isLent = false): void {
    if (this.#stopped) return;
    this.bytesReceived += chunk.length;
    if (this.#parser.pendingBytes > 0) throw new Error('The transport went on although it was paused.');
    // The inflater may come back to a chunk in a later turn.
    const isCopied = isLent && this.#inflated !== null;
    this.#passesOn = this.#delivery.begin();
    this.#parser.push(isCopied ? Buffer.from(chunk) : chunk, isLent && !isCopied, this.#passesOn);
    try {
      this.#pump(true);
    } finally {
      if (isLent && !isCopied) this.#parser.keep();
    }
  }

  /** The transport has ended: `then` is called when everything before that has been taken. */
  end(then: () => void): void {
    this.#afterLast = then;
    if (this.#stopped || !this.#paused) this.#finish();
  }

  /** The reader asks for the next item. */
  wanted(): void {
    this.#delivery.wanted();
    this.resume();
  }

  /** Goes on when there is room again. */
  resume(): void {
    if (this.#paused || this.#parser.pendingBytes > 0) this.#pump();
  }

  /** Takes no more bytes and lets go of those it has. */
  stop(error: Error | null): void {
    this.#stopped = true;
    this.#parser.discard();
    this.#delivery.stop(error);
  }

  /** `isNew` when a chunk has come just now. */
  #pump(isNew = false): void {
    // A 'data' listener may read, and so resume us, while a message is still being handed over.
    if (this.#pumping || this.#yielding) return;
    this.#pumping = true;
    try {
      this.#parseUntilFull(isNew);
    } catch (error) {
      // What a listener of the user throws, a UsageError for one, is not ours to catch.
      if (!(error instanceof ProtocolError || error instanceof LimitError)) throw error;
      this.#owner.violated(error);
    } finally {
      this.#pumping = false;
    }
  }

  #parseUntilFull(isNew: boolean): void {
    for (let isFirst = isNew; !this.#stopped; isFirst = false) {
      if (this.#delivery.full) {
        this.#pause();
        return;
      }
      if (this.#isTired()) {
        this.#yield();
        return;
      }
      if (this.#takeInflated() || this.#passRun(isFirst)) continue;
      const part = this.#parser.next();
      if (part === null) {
        this.#unpause();
        return;
      }
      if (part.first) this.#count(part);
      if (isControl(part.header.opcode)) this.#takeControl(part);
      else if (this.#inflated !== null) this.#inflated.push(part);
      else this.#delivery.take(part, this.#parser);
    }
  }

  /** Hands over the next part of what the inflater was given; false when that is used up. */
  #takeInflated(): boolean {
    const part = this.#inflated?.next(this.#parser) ?? null;
    if (part === null) return false;
    this.#delivery.take(part, this.#parser);
    return true;
  }

  /** True when inflating has gone on for long enough, by this connection's effort or by everybody's clock. */
  #isTired(): boolean {
    if (this.#turn === null || this.#inflated === null) return false;
    return this.#inflated.effort >= this.#effortLimit || this.#turn.isOver;
  }

  /** Lets others have a turn. */
  #yield(): void {
    this.#pause();
    this.#yielding = true;
    setImmediate(() => {
      this.#yielding = false;
      this.#effortLimit = (this.#inflated?.effort ?? 0) + EFFORT_A_TURN;
      this.#pump();
    });
  }

  /** Passes on the small messages that come next, all at once; false when there are none. */
  #passRun(isFirst: boolean): boolean {
    if (!this.#passesOn || this.#inflated !== null) return false;
    const count = this.#delivery.takeRun(this.#parser, isFirst);
    this.framesReceived += count;
    return count > 0;
  }

  #takeControl({ header, first, last, bytes, start, end, views }: FramePart): void {
    const part = detach(bytes, start, end, views);
    const payload = first ? part : Buffer.concat([this.#controlPayload, part]);
    this.#controlPayload = last ? NO_BYTES : payload;
    if (last) this.#owner.control(header.opcode, payload, this.#parser);
  }

  /** A transport that holds nothing may end while it is paused, and a chunk of it still be here. */
  #finish(): void {
    const then = this.#afterLast;
    this.#afterLast = null;
    then?.();
  }

  #pause(): void {
    if (this.#paused) return;
    this.#paused = true;
    this.#transport.pause();
  }

  #unpause(): void {
    if (!this.#paused) return;
    this.#paused = false;
    this.#transport.resume();
    this.#finish();
  }

  #count({ header }: FramePart): void {
    this.framesReceived++;
    if (!channels.frame.hasSubscribers) return;
    channels.frame.publish({
      socket: this.#owner.socket,
      direction: 'in',
      opcode: header.opcode,
      fin: header.fin,
      bytes: header.length,
    });
  }
}

/** The receiver that a session needs, with the delivery that `settings` ask for. */
export function receiverFor(
  session: ReceiverOwner & Outlet & { readonly deflate: SessionDeflate | null },
  transport: Duplex,
  role: Role,
  settings: WebSocketSettings,
): Receiver {
  const inflated = session.deflate?.parts ?? null;
  const maxFrameBytes = inflated === null ? settings.maxFrameBytes : largestFrame(settings);
  const turn = session.deflate?.turn ?? null;
  return new Receiver(session, transport, deliveryFor(settings, session), { role, maxFrameBytes, inflated, turn });
}
