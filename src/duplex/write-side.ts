/**
 * The writable side of a WebSocketDuplex: one message, or the end, at a time.
 *
 * Knows: what waits for the connection to open, what waits for the transport to drain, how many bytes are held.
 * Does not know: Writable's queue; it gets a message when its turn has come, and a callback to say that it is done.
 */
import type { Readable } from 'node:stream';
import type { CloseReason } from '../codec/close-code.js';
import { orCutOff, violation } from '../errors.js';
import { channels, publishSent } from './diagnostics.js';
import { dispatch } from './dispatch.js';
import { Followers } from './followers.js';
import { Moment } from './moment.js';
import {
  heldBytes,
  isStream,
  Labelled,
  type MessageOptions,
  type QueuedMessage,
  type SendFragment,
} from './outgoing.js';
import type { PreparedMessage } from './prepared-message.js';
import type { Sender } from './sender.js';
import type { Session } from './session.js';
import type { SharedFrame } from './shared-frame.js';

const NO_OPTIONS: MessageOptions = Object.freeze({});

/** Under this name a WebSocketDuplex has its WriteSide, for src/broadcast. The package does not export it. */
export const WRITE_SIDE = Symbol('write side');

/**
 * The callback of a write or of the end.
 * @inline
 */
export type Done = (error?: Error | null) => void;

/** Where messages wait, and whose callback is due. */
export class WriteSide {
  readonly #maxBufferedBytes: number;
  #session: Session | null = null;
  #waitsForOpen: (() => void) | null = null;
  /** The callback of the message or the end that is under way. */
  #done: Done | null = null;
  /** True while a message that was sent waits for the transport to drain. */
  #parked = false;
  #drain: Moment<void> | null = null;
  #queuedBytes = 0;
  /** Messages that are streams, queued or under way; made for the first one. */
  #sources: Set<Readable> | null = null;
  /** Sends a fragment of the message that is under way; made for the first message. */
  #fragment: SendFragment | null = null;
  /** Made for the first one. */
  #followers: Followers | null = null;
  messagesSent = 0;

  /** `session` is null until the connection is open. */
  constructor(maxBufferedBytes: number, session: Session | null = null) {
    this.#maxBufferedBytes = maxBufferedBytes;
    this.#session = session;
  }

  /** Bytes of queued messages, and wire bytes that the transport has not sent. */
  get bufferedBytes(): number {
    return this.#queuedBytes + (this.#session?.bufferedBytes ?? 0);
  }

  get isFull(): boolean {
    return this.bufferedBytes >= this.#maxBufferedBytes;
  }

  /** True when what is sent goes to the transport at once: nothing is queued or under way before it, and there is room. */
  get isIdle(): boolean {
    const session = this.#session;
    if (session === null || this.#done !== null || this.#queuedBytes > 0) return false;
    return !session.sender.isBlocked && !session.closing.isSent;
  }

  /** The session, once it is open. */
  get session(): Session | null {
    return this.#session;
  }

  /** Those who are told of room. */
  get followers(): Followers {
    this.#followers ??= new Followers();
    return this.#followers;
  }

  /** Sends a frame of `message` past Writable's queue. Only when idle. */
  sendShared(message: PreparedMessage, frame: SharedFrame): void {
    const { sender, deflate } = this.#session as Session;
    this.messagesSent++;
    if (channels.message.hasSubscribers) publishSent((this.#session as Session).socket, message);
    if (frame.isCompressed) deflate?.sendsShared();
    sender.shared(frame);
  }

  /** Who sends `count` messages that another WebSocket has received, past Writable's queue. Only when idle. */
  senderFor(count: number): Sender {
    this.messagesSent += count;
    return (this.#session as Session).sender;
  }

  /** Sends `count` messages, a frame each, past Writable's queue. Only when idle, and only for servers. */
  sendBatch(wire: Buffer, count: number, isCompressed: boolean): void {
    const { sender, deflate } = this.#session as Session;
    this.messagesSent += count;
    if (isCompressed) deflate?.sendsShared();
    sender.batch(wire, count);
  }

  /** Counts a message that Writable was given. Throws a UsageError for what is no message. */
  enqueue(item: QueuedMessage | Labelled): void {
    this.#queuedBytes += heldBytes(item);
    const message = item instanceof Labelled ? item.message : item;
    if (!isStream(message)) return;
    // It may fail before its turn has come, when nobody else listens yet.
    message.on('error', () => {});
    this.#sources ??= new Set();
    this.#sources.add(message);
  }

  open(session: Session): void {
    this.#session = session;
    const goOn = this.#waitsForOpen;
    this.#waitsForOpen = null;
    goOn?.();
    this.#followers?.tell();
  }

  /** Sends a message whose turn has come. `done` is called when there is room for the next one. */
  send(item: QueuedMessage | Labelled, done: Done): void {
    this.#done = done;
    const session = this.#session;
    if (session === null) {
      this.#waitsForOpen = () => this.send(item, done);
      return;
    }
    // `end(message)` does not pass through `write`: that one, the last, was never counted.
    this.#queuedBytes = Math.max(0, this.#queuedBytes - heldBytes(item));
    this.messagesSent++;
    const message = item instanceof Labelled ? item.message : item;
    if (channels.message.hasSubscribers) publishSent(session.socket, message);
    this.#fragment ??= this.#fragmentOf(session);
    const sent = dispatch(session, message, item instanceof Labelled ? item.options : NO_OPTIONS, this.#fragment);
    if (sent === null) this.#settle(session);
    else this.#finishLater(sent, item);
  }

  /** Closes after everything else. `done` is called when both sides have closed. */
  end(reason: CloseReason | null, done: Done): void {
    this.#done = done;
    const session = this.#session;
    if (session === null) {
      this.#waitsForOpen = () => this.end(reason, done);
      return;
    }
    const { received, answer } = session.closing;
    session.close(received === null && reason !== null ? reason : answer);
    if (session.closing.phase === 'both') this.finish();
  }

  /** The transport has room again. */
  drained(): void {
    this.#drain?.resolve();
    this.#drain = null;
    // Full or not: what else is queued can only leave when this one is done.
    if (this.#parked) this.finish();
    else this.#followers?.tell();
  }

  /** Calls back for the message or the end that is under way. */
  finish(error: Error | null = null): void {
    const done = this.#done;
    this.#done = null;
    this.#parked = false;
    done?.(error);
    this.#followers?.tell();
  }

  destroy(error: Error | null): void {
    this.#waitsForOpen = null;
    this.#drain?.reject(orCutOff(error));
    this.#drain = null;
    if (this.#done !== null) this.finish(orCutOff(error));
    for (const source of this.#sources ?? []) source.destroy();
    this.#sources = null;
    this.#followers?.end();
  }

  #settle(session: Session): void {
    const { sender } = session;
    if (this.isFull && !sender.isBlocked) sender.flush();
    if (sender.isBlocked && this.isFull) this.#parked = true;
    else this.finish();
  }

  #fragmentOf(session: Session): SendFragment {
    return (opcode, fin, payload, rsv1) => {
      // The connection may have ended while the piece was being produced; nothing may follow a close frame.
      if (this.#done === null) throw violation('CUT_OFF');
      session.sender.frame(opcode, fin, payload, rsv1);
      return this.#whenDrained(session);
    };
  }

  #finishLater(sent: Promise<void>, item: QueuedMessage | Labelled): void {
    const message = item instanceof Labelled ? item.message : item;
    // It is held until it has left, by whoever compresses it.
    const held = heldBytes(item);
    this.#queuedBytes += held;
    const settled = sent.finally(() => {
      this.#queuedBytes -= held;
      if (isStream(message)) this.#sources?.delete(message);
    });
    settled.then(
      () => this.finish(),
      (error: Error) => this.finish(error),
    );
  }

  /** A promise for the transport's drain, or null while it has room. */
  #whenDrained({ sender }: Session): Promise<void> | null {
    if (!sender.isBlocked) return null;
    this.#drain ??= new Moment();
    return this.#drain.promise;
  }
}
