/**
 * An open connection: its transport, both halves, the closing handshake, keepalive.
 *
 * Knows: what each frame, each end of the transport and each deadline leads to.
 * Does not know: Node's stream life cycle; websocket-duplex.ts, its owner, does.
 */
import type { Duplex } from 'node:stream';
import { CloseCode, type CloseReason, closeFor, decodeClose, encodeClose } from '../codec/close-code.js';
import type { CloseAction } from '../codec/closing.js';
import { Opcode, type Role } from '../codec/frame.js';
import type { Position } from '../codec/header.js';
import type { Message } from '../codec/message-assembler.js';
import { violation, type WebSocketError } from '../errors.js';
import { linger } from '../handshake/stream/linger.js';
import type { WebSocketStats } from './agreement.js';
import { type CloseInfo, Closing } from './closing.js';
import { type Delivery, deliveryFor } from './delivery.js';
import { channels } from './diagnostics.js';
import { KeepAlive } from './keep-alive.js';
import type { MessageStream } from './message-stream.js';
import type { WebSocketSettings } from './options.js';
import { PingLedger } from './ping-ledger.js';
import { Receiver } from './receiver.js';
import { Sender } from './sender.js';
import { largestFrame, type SessionDeflate } from './session-deflate.js';

/** What a session tells its owner. */
export interface SessionOwner {
  /** An item for the reader; false when it has enough. */
  push(item: Message | MessageStream): boolean;
  /** The peer has closed cleanly: nothing more will come. */
  readingEnds(): void;
  /** Both sides have closed cleanly. */
  closed(): void;
  /** The transport is gone; what has come before may still wait for the reader. */
  gone(info: CloseInfo): void;
  /** Over, with an error. */
  failed(error: Error): void;
  /** The transport has taken everything that was sent. */
  drained(): void;
  emit(event: 'ping' | 'pong', payload: Buffer): void;
  emit(event: 'close-frame', reason: CloseReason): void;
}

/** Drives one transport from `start` until `destroy`, or until both sides have closed. */
export class Session {
  readonly #owner: SessionOwner;
  readonly #transport: Duplex;
  readonly #role: Role;
  readonly #settings: WebSocketSettings;
  readonly #delivery: Delivery;
  readonly #receiver: Receiver;
  readonly #keepAlive: KeepAlive | null;
  readonly #pings = new PingLedger();
  readonly closing: Closing;
  readonly sender: Sender;
  /** Null when no compression was agreed on. */
  readonly deflate: SessionDeflate | null;
  /** What diagnostics name as the socket: the owner, which is the WebSocketDuplex. */
  readonly socket: unknown;
  messagesReceived = 0;

  constructor(
    owner: SessionOwner,
    socket: unknown,
    transport: Duplex,
    role: Role,
    settings: WebSocketSettings,
    deflate: SessionDeflate | null,
  ) {
    this.#owner = owner;
    this.socket = socket;
    this.#transport = transport;
    this.#role = role;
    this.#settings = settings;
    this.closing = new Closing(settings.closeTimeoutMs, (action) => this.#act(action));
    this.sender = new Sender(this, transport, role);
    this.#delivery = deliveryFor(settings, this);
    this.deflate = deflate;
    const inflated = deflate?.parts ?? null;
    this.#receiver = new Receiver(this, transport, this.#delivery, {
      role,
      maxFrameBytes: inflated === null ? settings.maxFrameBytes : largestFrame(settings),
      inflated,
      turn: deflate?.turn ?? null,
    });
    this.#keepAlive = settings.keepAlive === null ? null : new KeepAlive(this, settings.keepAlive);
  }

  get bytesReceived(): number {
    return this.#receiver.bytesReceived;
  }

  /** What has passed through this session. */
  get counts(): Omit<WebSocketStats, 'messagesSent'> {
    const { bytesReceived, framesReceived } = this.#receiver;
    const { bytesSent, framesSent } = this.sender;
    return { bytesReceived, bytesSent, framesReceived, framesSent, messagesReceived: this.messagesReceived };
  }

  get isPaused(): boolean {
    return this.#receiver.isPaused;
  }

  /** Begins with `head`, bytes that came with the opening handshake, then takes what the transport yields. */
  start(head: Buffer): void {
    const transport = this.#transport;
    // Each side ends in its own time: a FIN from the peer must not cut off what we still have to send.
    transport.allowHalfOpen = true;
    if (head.length > 0) transport.unshift(head);
    transport.on('data', (chunk: Buffer) => this.#receiver.receive(chunk));
    transport.on('end', () => this.#receiver.end(() => this.closing.input('reading-ends')));
    transport.on('error', (cause: Error) => this.#transportFails(cause));
    transport.on('close', () => {
      this.closing.input('wire-dies');
      this.#owner.gone(this.closing.info);
    });
    if (transport.destroyed) this.closing.input('wire-dies');
  }

  /** The reader asks for the next item. */
  wanted(): void {
    this.#delivery.wanted();
    this.#receiver.resume();
  }

  /** Sends our close frame after everything that was sent before. Nothing may be sent after it. */
  close(reason: CloseReason, failed = false): void {
    if (this.closing.isSent) return;
    this.sender.frame(Opcode.close, true, encodeClose(reason.code, reason.reason));
    this.sender.flush();
    this.closing.weSend(reason, failed);
  }

  /** The reason that answers the peer's close: its own code (RFC 6455 §5.5.1), or 1000 when it has not closed. */
  get answer(): CloseReason {
    return { code: this.closing.received?.code ?? CloseCode.normal, reason: '' };
  }

  /** The round trip of a ping, in milliseconds. */
  measure(payload: Buffer = this.#pings.nextPayload()): Promise<number> {
    const roundTrip = this.#pings.add(payload);
    if (!this.closing.isSent) this.sender.frame(Opcode.ping, true, payload);
    return roundTrip;
  }

  /** Ends everything: tells the peer why where that is still possible, and lets go of the transport. */
  destroy(error: Error | null): void {
    this.#keepAlive?.stop();
    this.#receiver.stop(error);
    this.deflate?.close();
    this.#pings.rejectAll(error);
    const reason = closeFor(error);
    if (this.closing.phase === 'both') return;
    if (reason === null || this.closing.phase === 'lost') {
      this.closing.stop();
      this.#transport.destroy();
      return;
    }
    this.close(reason, true);
    this.closing.stop();
    linger(this.#transport, this.#settings.closeTimeoutMs, false);
  }

  // What the receiver asks of its owner.

  control(opcode: Opcode, payload: Buffer, position: Position): void {
    if (opcode === Opcode.close) {
      const reason = decodeClose(payload, { offset: position.offset, frame: position.frame });
      const { isWithinMessage } = this.#receiver;
      this.#receiver.stop(null);
      this.#owner.emit('close-frame', reason);
      this.closing.peerSends(reason, isWithinMessage);
      return;
    }
    if (opcode === Opcode.pong) this.#pings.answer(payload);
    else if (!this.closing.isSent) this.sender.pong(payload);
    this.#owner.emit(opcode === Opcode.ping ? 'ping' : 'pong', payload);
  }

  violated(error: WebSocketError): void {
    this.#owner.failed(error);
  }

  // What the delivery asks of its outlet.

  push(item: Message | MessageStream): boolean {
    return this.#owner.push(item);
  }

  reportMessage(type: 'text' | 'binary', message: Message | null): void {
    this.messagesReceived++;
    if (!channels.message.hasSubscribers) return;
    const bytes = message === null ? null : Buffer.byteLength(message);
    channels.message.publish({ socket: this.socket, direction: 'in', type, bytes });
  }

  resume(): void {
    this.#receiver.resume();
  }

  abandoned(): void {
    if (this.#settings.abandoned === 'fail') this.#owner.failed(violation('ABANDONED'));
    else this.#receiver.resume();
  }

  // What the sender and keepalive ask of their owner.

  drained(): void {
    this.#owner.drained();
  }

  ping(): void {
    if (!this.closing.isSent) this.sender.frame(Opcode.ping, true, this.#pings.nextPayload());
  }

  timedOut(): void {
    const { intervalMs = 0, timeoutMs = 0 } = this.#settings.keepAlive ?? {};
    this.#owner.failed(violation('KEEPALIVE_TIMEOUT', { intervalMs, timeoutMs }));
  }

  #act(action: CloseAction): void {
    if (action === 'cut-off') this.#owner.failed(violation('CUT_OFF', { offset: this.bytesReceived }));
    else if (action === 'too-late') {
      this.#owner.failed(violation('CLOSE_TIMEOUT', { closeTimeoutMs: this.#settings.closeTimeoutMs }));
    } else if (action === 'answer') this.#answer();
    else if (action === 'finish') this.#finish();
  }

  /** The peer has closed first: the reader may finish, then our own close goes out. */
  #answer(): void {
    if (this.closing.isClean) this.#owner.readingEnds();
    else this.close(this.answer);
  }

  #finish(): void {
    this.#keepAlive?.stop();
    linger(this.#transport, this.#settings.closeTimeoutMs, this.#role === 'client');
    if (this.closing.isClean) this.#owner.closed();
    else this.#owner.failed(this.closing.failure);
  }

  #transportFails(cause: Error): void {
    const { phase } = this.closing;
    if (phase === 'both' || phase === 'lost') return;
    this.#owner.failed(violation('CUT_OFF', { reason: cause.message }, { cause }));
  }
}
