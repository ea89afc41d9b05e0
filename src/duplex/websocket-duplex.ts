/**
 * A WebSocket as one Duplex.
 *
 * Knows: how Node's stream life cycle maps to a session (session.ts): reads, writes, their callbacks, the ends.
 * Does not know: frames, or the opening handshake: it is opened with a transport that has finished it.
 */
import type { IncomingMessage } from 'node:http';
import type { Duplex as AnyDuplex } from 'node:stream';
import { CloseCode, type CloseReason, encodeClose } from '../codec/close-code.js';
import type { Role } from '../codec/frame.js';
import { oneOf, optionsOf } from '../codec/limits.js';
import { orCutOff, UsageError, violation } from '../errors.js';
import type { Extension } from '../handshake/extensions.js';
import { ignoreErrors } from '../handshake/stream/linger.js';
import { DuplexOf } from '../streams.js';
import type { Agreement, WebSocketEvents, WebSocketStats } from './agreement.js';
import type { ClosedPromise, CloseInfo } from './closing.js';
import { channels } from './diagnostics.js';
import { forwardsTo, relay } from './forwarding.js';
import { Moment } from './moment.js';
import type { ItemsRead, ReadAs, WebSocketDuplexOptions } from './options.js';
import { Labelled, type MessageOptions, type QueuedMessage, type WritableMessage } from './outgoing.js';
import { pingPayload } from './ping-ledger.js';
import { NOTHING, Session } from './session.js';
import { sessionDeflate } from './session-deflate.js';
import type { SessionOwner } from './session-owner.js';
import { Shared } from './shared.js';
import * as state from './stream-state.js';
import { type Done, WRITE_SIDE, WriteSide } from './write-side.js';

/**
 * A WebSocket: read and write messages with all that Node has for streams.
 *
 * Reading yields strings for text and Buffers for binary, which the reader owns (or what `readAs` says). 'end' means that the peer
 * closed cleanly; any other end destroys the stream with an error that says which. Writing takes what WritableMessage lists; bytes
 * of a server over 4 KiB are borrowed until they are sent. `end()` closes with 1000 after everything written before, and 'finish'
 * means that the peer has closed cleanly too. An error without a listener does not end the process: `closed` and the channel
 * `framepipe:error` tell about it. More events: 'open', 'ping' and 'pong' with the payload, 'close-frame' with `{ code, reason }`.
 */
export class WebSocketDuplex<How extends ReadAs = 'message'> extends DuplexOf<ItemsRead[How], WebSocketEvents> {
  readonly #role: Role;
  readonly #shared: Shared;
  #session: Session<WebSocketDuplex<ReadAs>> | null = null;
  #agreement: Agreement = {};
  #isOpen = false;
  // Made when they are first needed: most sockets of a busy server are idle, and few are asked for promises.
  #opened: Moment<void> | null = null;
  #closedMoment: Moment<CloseInfo> | null = null;
  #writing: WriteSide | null = null;
  #readingEnded = false;
  #piping: unknown; // What `pipe` listens with.
  #closeReason: CloseReason | null = null; // What `close` asked for; `end()` alone asks for the default.

  /** @throws UsageError for a bad option. */
  constructor(options: WebSocketDuplexOptions<How>) {
    const { shared = new Shared(options, options.compression) } = optionsOf('WebSocketDuplex', options);
    super(state.duplexOptions(shared.settings.readAs));
    this.#role = oneOf('role', options.role, ['client', 'server']);
    this.#shared = shared;
    state.shapeEvents(this);
    if (options.transport !== undefined) this.open(options.transport, options.head, options.agreement);
  }

  /** Resolves when the opening handshake is done; rejects with its error. */
  get opened(): Promise<void> {
    this.#opened ??= new Moment();
    if (this.#isOpen) this.#opened.resolve();
    else if (this.destroyed) this.#opened.reject(orCutOff(this.errored));
    return this.#opened.promise;
  }

  get #closed(): Moment<CloseInfo> {
    this.#closedMoment ??= new Moment();
    return this.#closedMoment;
  }

  get [WRITE_SIDE](): WriteSide {
    this.#writing ??= new WriteSide(this.#shared.settings.maxBufferedBytes, this.#session);
    return this.#writing;
  }

  /** Resolves, and never rejects, when all is over: both sides' close codes. Of a stream's boolean: docs/adr/0010. */
  declare readonly closed: ClosedPromise;
  static {
    state.defineClosed(WebSocketDuplex.prototype, (ws) => ws.#closed.promise);
  }

  /** The subprotocol that was agreed on, or null. */
  get subprotocol(): string | null {
    return this.#agreement.subprotocol ?? null;
  }

  /** The extensions that were agreed on, in the order in which they apply. */
  get extensions(): readonly Extension[] {
    return this.#agreement.extensions ?? [];
  }

  /** The request that opened this socket; undefined on a client. `httpVersion` is `1.1`, or `2.0` (docs/http2.md). */
  get request(): IncomingMessage | undefined {
    return this.#agreement.request;
  }

  /** The response that opened this socket, as `request`; undefined on a server, and until it is open. */
  get response(): IncomingMessage | undefined {
    return this.#agreement.response;
  }

  /** The URL that this socket is connected to; undefined on a server, and until it is open. */
  get url(): string | undefined {
    return this.#agreement.url;
  }

  /** Bytes that were written and have not left: queued messages and what the transport holds. */
  get bufferedBytes(): number {
    return this.#writing?.bufferedBytes ?? this.#session?.bufferedBytes ?? 0;
  }

  /** Counts up to now, as a copy. */
  get stats(): WebSocketStats {
    return { ...(this.#session?.counts ?? NOTHING), messagesSent: this.#writing?.messagesSent ?? 0 };
  }

  /** Goes to work on `transport`, which it owns from now on. Once, and only without a transport in the options. */
  open(transport: AnyDuplex, head?: Buffer, agreement: Agreement = {}): void {
    if (this.#session !== null) throw new UsageError('This WebSocket has a transport already.');
    if (this.destroyed) return void transport.destroy();
    this.#agreement = agreement;
    const { compression, settings } = this.#shared;
    const deflate = sessionDeflate(agreement.extensions ?? [], this.#role, compression, settings.maxMessageBytes);
    this.#session = new Session(WebSocketDuplex.#owner, this, transport, this.#role, this.#shared, deflate);
    this.#session.start(head);
    this.#isOpen = true;
    this.#opened?.resolve();
    if (channels.open.hasSubscribers) channels.open.publish({ socket: this });
    process.nextTick(() => this.emit('open'));
    this.#writing?.open(this.#session);
  }

  /**
   * Ends the writable side with `code` (default 1000), after everything written before; resolves as `closed` does. Cuts the
   * connection off after `closeTimeoutMs`. Throws a UsageError for a code that must not be sent.
   */
  close(code = 1000, reason = ''): Promise<CloseInfo> {
    encodeClose(code, reason);
    if (this.writableEnded || this.destroyed) return this.closed;
    this.#closeReason = { code, reason };
    this.end();
    return this.closed;
  }

  /**
   * Sends a ping and resolves with the round trip in milliseconds. Rejects when the connection ends first.
   * `payload` has at most 125 bytes; the default is unique. Throws a UsageError for anything else.
   */
  async ping(payload?: string | ArrayBufferView | ArrayBuffer): Promise<number> {
    const bytes = payload === undefined ? undefined : pingPayload(payload);
    await this.opened;
    if (this.#session === null || this.destroyed) throw violation('CUT_OFF');
    return this.#session.measure(bytes);
  }

  /** Takes one message; false when more than `maxBufferedBytes` are held, until 'drain'. Throws a UsageError for others. */
  override write(message: WritableMessage, callback?: Done): boolean;
  override write(message: WritableMessage, options?: MessageOptions | BufferEncoding, callback?: Done): boolean;
  override write(message: WritableMessage, second?: unknown, callback?: unknown): boolean {
    const isLabelled = typeof second === 'object' && second !== null;
    const item = isLabelled ? new Labelled(message, second as MessageOptions) : message;
    this[WRITE_SIDE].enqueue(item);
    const write = super.write as (...all: unknown[]) => boolean;
    // False from there means that the stream is over: a source that goes by the answer has to stop.
    if (!write.call(this, item, isLabelled ? undefined : second, callback)) return false;
    if (this.writableLength === 0 || !this[WRITE_SIDE].isFull) return true;
    state.askForDrain(this);
    return false;
  }

  override _write(item: QueuedMessage | Labelled, _: BufferEncoding, done: Done): void {
    this[WRITE_SIDE].send(item, done);
  }

  override _final(done: Done): void {
    this[WRITE_SIDE].end(this.#closeReason, done);
    state.readOnWithoutReader(this);
  }

  /** As Readable.read. What was taken makes room for one message more, and for the control frames before it. */
  override read(size?: number): ReturnType<AnyDuplex['read']> {
    const item = super.read(size);
    if (item !== null && this.readableLength === 0) this.#session?.wanted();
    return item;
  }

  override _read(): void {
    this.#session?.wanted();
  }

  /** As Readable.pipe. Into another WebSocket messages are forwarded, as long as nobody else could see them. */
  override pipe<To extends NodeJS.WritableStream>(target: To, options?: { end?: boolean | undefined }): To {
    super.pipe(target, options);
    this.#piping = state.lastReader(this);
    return target;
  }

  override _destroy(error: Error | null, done: Done): void {
    if (error !== null) this.on('error', ignoreErrors); // So one that nobody listens for does not end the process.
    this.#session?.destroy(error);
    const info = this.#session?.closing.info ?? { code: CloseCode.abnormal, reason: '' };
    if (!this.#isOpen) this.#opened?.reject(orCutOff(error));
    if (error !== null && channels.error.hasSubscribers) channels.error.publish({ socket: this, error });
    if (channels.close.hasSubscribers) channels.close.publish({ socket: this, info });
    done(error);
    this.#writing?.destroy(error);
    this.#closed.resolve(info);
  }

  static readonly #owner: SessionOwner<WebSocketDuplex<ReadAs>> = {
    push: (ws, item) => ws.push(item),
    forwardsTo: (ws) => forwardsTo(ws, WebSocketDuplex.prototype, ws.#piping),
    relay: (ws, text) => relay(ws, WebSocketDuplex.prototype, ws.#piping, text),
    readingEnds: (ws) => ws.#endReading(),
    closed: (ws) => {
      ws.#endReading();
      state.mayBeDestroyedAtEnd(ws, true);
      if (ws.writableEnded) ws.#writing?.finish(); // What is queued may not follow the close frame that was just sent.
    },
    failed: (ws, error) => ws.destroy(error),
    gone: (ws, info) => ws.#closed.resolve(info),
    drained: (ws) => ws.#writing?.drained(),
    emit: (ws, event: string, about: unknown) => ws.emit(event, about),
  };

  /**
   * The peer has closed cleanly. Our close goes out when the reader, who may answer, has seen the end; with a source piped in,
   * when that has ended. Where nobody reads such a source may never end: our close goes at once, and it gets an error.
   */
  #endReading(): void {
    if (this.#readingEnded) return;
    this.#readingEnded = true;
    this.push(null);
    if (state.isFed(this) && !state.isRead(this) && !this.writableEnded) {
      this.#session?.close(this.#session.closing.answer);
      return void this.destroy(violation('PEER_LEFT'));
    }
    this.once('end', () => {
      state.mayBeDestroyedAtEnd(this, this.#session?.closing.phase === 'both');
      if (!state.isFed(this) && !this.writableEnded) this.end();
    });
    state.readOnWithoutReader(this);
  }
}
