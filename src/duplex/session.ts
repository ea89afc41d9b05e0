/**
 * An open connection: its transport, both halves, the closing handshake, keepalive.
 *
 * Knows: what each frame, each end of the transport and each deadline leads to.
 * Does not know: Node's stream life cycle; websocket-duplex.ts, its owner, does.
 */
import type { Duplex } from 'node:stream';
import { type CloseReason, closeFor, decodeClose, encodeClose } from '../codec/close-code.js';
import type { CloseAction } from '../codec/closing.js';
import { Opcode, type Role } from '../codec/frame.js';
import type { Position } from '../codec/header.js';
import type { Message } from '../codec/message-assembler.js';
import { cutOffBy, violation, type WebSocketError } from '../errors.js';
import { linger } from '../handshake/stream/linger.js';
import type { WebSocketStats } from './agreement.js';
import { Closing } from './closing.js';
import { channels, publishReceived } from './diagnostics.js';
import { KeepAlive } from './keep-alive.js';
import type { MessageStream } from './message-stream.js';
import type { PassingText } from './outgoing.js';
import { PingLedger } from './ping-ledger.js';
import { type Receiver, receiverFor } from './receiver.js';
import { Sender } from './sender.js';
import type { SessionDeflate } from './session-deflate.js';
import type { SessionOwner } from './session-owner.js';
import type { Shared } from './shared.js';
import { drive, type TransportDriver } from './transport.js';
import type { WriteSide } from './write-side.js';

/** The counts of a connection that is not open yet. */
export const NOTHING = { bytesReceived: 0, bytesSent: 0, framesReceived: 0, framesSent: 0, messagesReceived: 0 };

/**
 * Drives one transport from `start` until `destroy`, or until both sides have closed. Its parts are made when they are
 * first needed: most connections of a busy server are idle.
 */
export class Session<Socket = unknown> implements TransportDriver {
  readonly #owner: SessionOwner<Socket>;
  readonly #transport: Duplex;
  readonly #role: Role;
  readonly #shared: Shared;
  #receiving: Receiver | null = null;
  #sending: Sender | null = null;
  #ending: Closing | null = null;
  #pings: PingLedger | null = null;
  readonly #keepAlive: KeepAlive | null;
  /** Null when no compression was agreed on. */
  readonly deflate: SessionDeflate | null;
  /** What the owner is told about, and what diagnostics name: the WebSocketDuplex. */
  readonly socket: Socket;
  messagesReceived = 0;

  constructor(
    owner: SessionOwner<Socket>,
    socket: Socket,
    transport: Duplex,
    role: Role,
    shared: Shared,
    deflate: SessionDeflate | null,
  ) {
    this.#owner = owner;
    this.socket = socket;
    this.#transport = transport;
    this.#role = role;
    this.#shared = shared;
    this.deflate = deflate;
    this.#keepAlive = shared.clock === null ? null : new KeepAlive(this, shared.clock);
  }

  get closing(): Closing {
    this.#ending ??= new Closing(this.#shared.settings.closeTimeoutMs, this);
    return this.#ending;
  }

  get sender(): Sender {
    this.#sending ??= new Sender(this, this.#transport, this.#role);
    return this.#sending;
  }

  #receiver(): Receiver {
    this.#receiving ??= receiverFor(this, this.#transport, this.#role, this.#shared.settings);
    return this.#receiving;
  }

  get bytesReceived(): number {
    return this.#receiving?.bytesReceived ?? 0;
  }

  /** What has passed through this session. */
  get counts(): Omit<WebSocketStats, 'messagesSent'> {
    const { bytesReceived, framesReceived } = this.#receiving ?? NOTHING;
    const { bytesSent, framesSent } = this.#sending ?? NOTHING;
    return { bytesReceived, bytesSent, framesReceived, framesSent, messagesReceived: this.messagesReceived };
  }

  /** Wire bytes that the transport has not sent. */
  get bufferedBytes(): number {
    return this.#sending?.bufferedBytes ?? 0;
  }

  get isPaused(): boolean {
    return this.#receiving?.isPaused ?? false;
  }

  /** Begins with `head`, bytes that came with the opening handshake, then takes what the transport yields. */
  start(head?: Buffer): void {
    const transport = this.#transport;
    // Each side ends in its own time: a FIN from the peer must not cut off what we still have to send.
    transport.allowHalfOpen = true;
    if (head !== undefined && head.length > 0) transport.unshift(head);
    drive(transport, this);
    if (transport.destroyed) this.closing.input('wire-dies');
  }

  /** The reader asks for the next item. */
  wanted(): void {
    this.#receiving?.wanted();
  }

  /** Sends our close frame after everything that was sent before. Nothing may be sent after it. */
  close(reason: CloseReason, failed = false): void {
    if (this.closing.isSent) return;
    this.sender.frame(Opcode.close, true, encodeClose(reason.code, reason.reason));
    this.sender.flush();
    this.closing.weSend(reason, failed);
  }

  /** The round trip of a ping, in milliseconds. */
  measure(given?: Buffer): Promise<number> {
    this.#pings ??= new PingLedger();
    const payload = given ?? this.#pings.nextPayload();
    const roundTrip = this.#pings.add(payload);
    if (!this.closing.isSent) this.sender.frame(Opcode.ping, true, payload);
    return roundTrip;
  }

  /** Ends everything: tells the peer why where that is still possible, and lets go of the transport. */
  destroy(error: Error | null): void {
    this.#keepAlive?.stop();
    this.#receiver().stop(error);
    this.deflate?.close();
    this.#pings?.rejectAll(error);
    this.#letGo(closeFor(error));
    this.#shared.onLeave?.(this.socket, this.#transport);
  }

  #letGo(reason: CloseReason | null): void {
    if (this.closing.phase === 'both') return;
    const isHopeless = reason === null || this.closing.phase === 'lost';
    if (!isHopeless) this.close(reason, true);
    this.closing.stop();
    if (isHopeless) this.#transport.destroy();
    else linger(this.#transport, this.#shared.settings.closeTimeoutMs, false);
  }

  received(chunk: Buffer, isLent: boolean): void {
    this.#receiver().receive(chunk, isLent);
  }

  ended(): void {
    this.#receiver().end(() => this.closing.input('reading-ends'));
  }

  transportFailed(cause: Error): void {
    if (this.closing.phase === 'both' || this.closing.phase === 'lost') return;
    this.violated(cutOffBy(cause));
  }

  transportClosed(): void {
    this.closing.input('wire-dies');
    this.#owner.gone(this.socket, this.closing.info);
  }

  control(opcode: Opcode, payload: Buffer, position: Position): void {
    if (opcode === Opcode.close) {
      const reason = decodeClose(payload, { offset: position.offset, frame: position.frame });
      const { isWithinMessage } = this.#receiver();
      this.#receiver().stop(null);
      this.#owner.emit(this.socket, 'close-frame', reason);
      this.closing.peerSends(reason, isWithinMessage);
      return;
    }
    if (opcode === Opcode.pong) this.#pings?.answer(payload);
    else if (!this.closing.isSent) this.sender.pong(payload);
    if (opcode === Opcode.pong) this.#keepAlive?.answered();
    this.#owner.emit(this.socket, opcode === Opcode.ping ? 'ping' : 'pong', payload);
  }

  violated(error: WebSocketError): void {
    this.#owner.failed(this.socket, error);
  }

  push(item: Message | MessageStream): boolean {
    return this.#owner.push(this.socket, item);
  }

  get forwardsTo(): WriteSide | null {
    return this.#owner.forwardsTo(this.socket);
  }

  relay(text: PassingText | null): boolean {
    return this.#owner.relay(this.socket, text);
  }

  reportMessage(type: 'text' | 'binary', message: Message | null): void {
    this.messagesReceived++;
    if (channels.message.hasSubscribers) publishReceived(this.socket, type, message);
  }

  resume(): void {
    this.#receiver().resume();
  }

  abandoned(): void {
    if (this.#shared.settings.abandoned === 'fail') this.violated(violation('ABANDONED'));
    else this.#receiver().resume();
  }

  drained(): void {
    this.#owner.drained(this.socket);
  }

  ping(): void {
    this.#pings ??= new PingLedger();
    if (!this.closing.isSent) this.sender.frame(Opcode.ping, true, this.#pings.nextPayload());
  }

  timedOut(): void {
    this.violated(violation('KEEPALIVE_TIMEOUT', { ...this.#shared.settings.keepAlive }));
  }

  act(action: CloseAction): void {
    const { closeTimeoutMs } = this.#shared.settings;
    if (action === 'cut-off') this.violated(violation('CUT_OFF', { offset: this.bytesReceived }));
    else if (action === 'too-late') this.violated(violation('CLOSE_TIMEOUT', { closeTimeoutMs }));
    else if (action === 'finish') this.#finish();
    // The peer has closed first: the reader may finish, then our own close goes out.
    else if (action === 'answer' && this.closing.isClean) this.#owner.readingEnds(this.socket);
    else if (action === 'answer') this.close(this.closing.answer);
  }

  #finish(): void {
    this.#keepAlive?.stop();
    linger(this.#transport, this.#shared.settings.closeTimeoutMs, this.#role === 'client');
    if (this.closing.isClean) this.#owner.closed(this.socket);
    else this.#owner.failed(this.socket, this.closing.failure);
  }
}
