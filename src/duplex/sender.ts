/**
 * The writing half of a WebSocket: messages and control frames → transport bytes.
 *
 * Knows: that all frames of a read or a tick leave together, that a transport which does not drain is not fed, that a peer which
 * reads as fast as we write gets no more than its share of a turn, and which pong is still owed.
 * Does not know: when to write what; its owner decides that.
 */
import { Buffer } from 'node:buffer';
import type { Duplex } from 'node:stream';
import { Opcode, type Role } from '../codec/frame.js';
import type { FramePart } from '../codec/frame-part.js';
import { FrameWriter } from '../codec/frame-writer.js';
import { firstByte } from '../codec/header.js';
import { PASSING_MEMORY } from '../codec/passing-memory.js';
import { SPARE_BLOCK } from '../codec/spare-block.js';
import { channels } from './diagnostics.js';
import { FLUSHES } from './flushes.js';
import { RSV1, type SharedFrame } from './shared-frame.js';
import { holdsNothing } from './transport.js';

/** What a sender tells its owner. */
export interface SenderOwner {
  /** The transport has taken everything. */
  drained(): void;
  readonly socket: unknown;
}

const TEXT_MESSAGE = firstByte(Opcode.text, true, 0);
const BINARY_MESSAGE = firstByte(Opcode.binary, true, 0);

/** From so many bytes on, borrowed ones too, the pieces of a message that is being produced do not wait for the end of the tick. */
const PIECES_BYTES = 65_536;

/** What one turn of the event loop may give away, as `#effort` counts it. */
const EFFORT_A_TURN = 1024 * 1024;

/** What a frame costs besides its bytes takes about as long as this many of them. */
const EFFORT_A_FRAME = 64;

/** Frames of one connection on their way out, in order. */
export class Sender {
  readonly #owner: SenderOwner;
  readonly #role: Role;
  readonly #writer: FrameWriter;
  readonly #transport: Duplex;
  #scheduled = false;
  /** True from a write that the transport had no room for until its 'drain', and from a turn's share until the next. */
  #blocked = false;
  /** The effort at which the next turn is waited for. */
  #restAt = EFFORT_A_TURN;
  #owedPong: Buffer | null = null;
  #bytesTaken = 0;
  /** Messages on their way whose memory serves again. */
  readonly #passing: Buffer[] = [];
  framesSent = 0;

  constructor(owner: SenderOwner, transport: Duplex, role: Role) {
    this.#owner = owner;
    this.#transport = transport;
    this.#role = role;
    this.#writer = new FrameWriter(role);
  }

  /** Wire bytes that the transport has not sent yet. */
  get bufferedBytes(): number {
    return this.#writer.pendingBytes + this.#transport.writableLength;
  }

  get bytesSent(): number {
    return this.#bytesTaken + this.#writer.pendingBytes;
  }

  get isBlocked(): boolean {
    return this.#blocked;
  }

  text(message: string): void {
    this.#writer.addText(message);
    this.#added(Opcode.text, true, message);
  }

  /** Borrows `message` until it is sent when it is larger than 4 KiB and we are a server. */
  binary(message: Buffer): void {
    this.#writer.addPayload(BINARY_MESSAGE, message);
    this.#added(Opcode.binary, true, message.length);
  }

  /** A message of any kind, borrowed as `binary` does. What lies in PASSING_MEMORY goes back there when it is sent. */
  passing(opcode: Opcode, message: Buffer): void {
    this.#passing.push(message);
    this.frame(opcode, true, message);
  }

  /** A copy of a message that came as `part`. */
  copy({ header: { opcode }, bytes, start, end, key }: FramePart): void {
    const size = end - start;
    this.#writer.addCopy(opcode === Opcode.text ? TEXT_MESSAGE : BINARY_MESSAGE, bytes, start, size, key);
    this.#added(opcode, true, size);
  }

  /** The `count` frames that VECTORS has just made of others. Only for servers. Not reported to diagnostics. */
  reframed(count: number): void {
    this.framesSent += count;
    this.#writer.addReframed();
    this.#sendSoon();
  }

  /** A frame that others get as well. Borrows it until it is sent. */
  shared(frame: SharedFrame): void {
    if (this.#role === 'server') this.#writer.addWire(frame.wire);
    else this.#writer.addPayload(frame.first, frame.payload);
    this.#added(frame.opcode, true, frame.payload.length);
  }

  /**
   * `count` unmasked frames in one piece that others get as well: to the transport at once, or behind what is waiting.
   * Borrows it until it is sent. Only for servers, and not reported to diagnostics.
   */
  batch(wire: Buffer, count: number): void {
    this.framesSent += count;
    if (this.#blocked || this.#writer.pendingBytes > 0) {
      this.#writer.addWire(wire);
      if (!this.#blocked) this.#flushAfterThisTick();
      return;
    }
    if (this.#transport.destroyed) return;
    this.#bytesTaken += wire.length;
    this.#waitIfNeeded(this.#transport.write(wire));
  }

  get isServer(): boolean {
    return this.#role === 'server';
  }

  /** One frame of any kind. A close frame is the last one, so a pong that is still owed goes before it. */
  frame(opcode: Opcode, fin: boolean, payload: Buffer, rsv1 = false): void {
    if (opcode === Opcode.close) this.#payOwedPong();
    this.#writer.addPayload(firstByte(opcode, fin, rsv1 ? RSV1 : 0), payload);
    this.#added(opcode, fin, payload.length);
  }

  /**
   * Answers a ping. While the transport is blocked only the newest pong is kept (RFC 6455 §5.5.3 allows it), so a peer
   * that pings and does not read costs one payload.
   */
  pong(payload: Buffer): void {
    if (this.#blocked) this.#owedPong = payload;
    else this.frame(Opcode.pong, true, payload);
  }

  /** Gives everything collected to the transport now, even when it is blocked. */
  flush(): void {
    const { block } = this.#writer;
    const transport = this.#transport;
    const only = this.#writer.takeOnly();
    const batch = only === null ? this.#writer.take() : null;
    if (batch?.length === 0 || transport.destroyed) return;
    const room = batch === null ? this.#write(only as Buffer) : this.#writeAll(batch);
    if (holdsNothing(transport)) SPARE_BLOCK.giveBack(block);
    this.#letGoOfPassing();
    if (!this.#blocked) this.#waitIfNeeded(room);
  }

  #writeAll(batch: readonly Buffer[]): boolean {
    let room = true;
    if (batch.length > 1) this.#transport.cork();
    for (const bytes of batch) room = this.#write(bytes);
    if (batch.length > 1) this.#transport.uncork();
    return room;
  }

  #write(bytes: Buffer): boolean {
    this.#bytesTaken += bytes.length;
    return this.#transport.write(bytes);
  }

  #added(opcode: Opcode, fin: boolean, payload: string | number): void {
    this.framesSent++;
    if (channels.frame.hasSubscribers) {
      const bytes = typeof payload === 'string' ? Buffer.byteLength(payload) : payload;
      channels.frame.publish({ socket: this.#owner.socket, direction: 'out', opcode, fin, bytes });
    }
    this.#sendSoon(fin);
  }

  /**
   * Gives the transport what is collected: now, when it is a batch, else when this read or this tick ends. More of a message may be
   * produced before that: a transport that is full has to say so between its pieces.
   */
  #sendSoon(isWhole = true): void {
    if (this.#blocked) return;
    if (this.#writer.isBatch || (!isWhole && this.#writer.pendingBytes >= PIECES_BYTES)) this.flush();
    else this.#flushAfterThisTick();
  }

  #flushAfterThisTick(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    FLUSHES.add(this);
  }

  tickEnds(): void {
    this.#scheduled = false;
    if (!this.#blocked) this.flush();
  }

  #payOwedPong(): void {
    const owed = this.#owedPong;
    this.#owedPong = null;
    if (owed !== null) this.frame(Opcode.pong, true, owed);
  }

  /** When all that was collected is sent, nobody reads it any more: at least where we know what the transport does. */
  #letGoOfPassing(): void {
    if (this.#passing.length === 0 || this.#writer.pendingBytes > 0 || this.#transport.writableLength > 0) return;
    if (holdsNothing(this.#transport)) for (const message of this.#passing) PASSING_MEMORY.giveBack(message);
    this.#passing.length = 0;
  }

  /** All that was ever given to the transport, bytes and frames. */
  #effort(): number {
    return this.#bytesTaken + EFFORT_A_FRAME * this.framesSent;
  }

  /**
   * What the system took at once holds no memory, however much it was: only the rest makes a transport full. But while a
   * peer takes all at once, a source that need not wait either would have the event loop for itself, so we wait for it.
   */
  #waitIfNeeded(hasRoom: boolean): void {
    if (!hasRoom && this.#transport.writableLength > 0) this.#transport.once('drain', () => this.#goOn());
    else if (this.#effort() >= this.#restAt) setImmediate(() => this.#goOn());
    else return;
    this.#blocked = true;
  }

  #goOn(): void {
    this.#blocked = false;
    if (this.#transport.destroyed) return;
    this.#restAt = this.#effort() + EFFORT_A_TURN;
    this.#letGoOfPassing();
    this.#payOwedPong();
    this.flush();
    if (!this.#blocked) this.#owner.drained();
  }
}
