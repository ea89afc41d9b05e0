/**
 * One to many: what is written goes to every client.
 *
 * Knows: who the clients are, how many of them get their share in one turn of the event loop, when the source must wait.
 * Does not know: what a slow client does to its own messages (client.ts), or frames.
 */

import type { ReadAs } from '../../duplex/options.js';
import { PreparedMessage, prepare } from '../../duplex/prepared-message.js';
import { askForDrain } from '../../duplex/stream-state.js';
import { WebSocketDuplex } from '../../duplex/websocket-duplex.js';
import { UsageError } from '../../errors.js';
import { Writable } from '../../streams.js';
import { type BroadcastClientStats, type BroadcastStats, NO_STATS, sum } from '../stats.js';
import { Batch, Item } from './batch.js';
import { BroadcastClient, type ClientOwner } from './client.js';
import {
  type BroadcastClientOptions,
  type BroadcastMessage,
  type BroadcastMessageOptions,
  type BroadcastOptions,
  type BroadcastSettings,
  broadcastSettings,
  filterOf,
} from './options.js';
import { Round } from './round.js';

/** @inline */
type Done = (error?: Error | null) => void;

/** Bytes that are collected before the source has to wait for the clients to get them. */
const BATCH_BYTES = 65_536;

const NO_OPTIONS: BroadcastMessageOptions = Object.freeze({});

/**
 * An object-mode Writable that sends each message to all clients: `pipeline(source, broadcast)` is a feed.
 *
 * A message is framed once, and compressed once for each set of parameters that clients have agreed on. What is written in
 * one turn of the event loop leaves for each client in one write, after that turn; clients get messages in the order in
 * which they were written. A client that does not read costs references, up to `maxBufferedBytes` of messages, then what
 * `policy` says. What goes wrong with a client's socket never reaches the Broadcast. 'finish' means that each message is
 * with each client's socket or queue.
 */
export class Broadcast extends Writable {
  readonly #settings: BroadcastSettings;
  readonly #clients = new Map<WebSocketDuplex<ReadAs>, BroadcastClient>();
  readonly #owner: ClientOwner;
  /** What has been written and not handed out. */
  #collecting = new Batch();
  #round: Round<BroadcastClient> | null = null;
  #isScheduled = false;
  /** Clients that the source waits for. */
  readonly #awaited = new Set<BroadcastClient>();
  /** The callback of a message after which the source has to wait. */
  #parked: Done | null = null;
  #finishing: Done | null = null;
  /** The number of the next message. */
  #next = 0;
  #written = 0;
  #closed = 0;
  #waits = 0;
  /** The sum of those who have left. */
  #left = NO_STATS;

  /** @throws UsageError for a bad option. */
  constructor(options: BroadcastOptions = {}) {
    const settings = broadcastSettings(options);
    // `write` says itself when it is enough: a number of messages says nothing about memory.
    super({ objectMode: true, highWaterMark: Number.MAX_SAFE_INTEGER });
    this.#settings = settings;
    this.#owner = {
      leaves: (client) => this.#remove(client),
      tooSlow: () => this.#closed++,
      caughtUp: (client) => this.#goOnWithout(client),
    };
  }

  /** How many clients there are. */
  get size(): number {
    return this.#clients.size;
  }

  /** Counts and sums over all clients, until it ended. */
  get stats(): BroadcastStats {
    const clients = Array.from(this.#clients.values(), ({ stats }) => stats).reduce(sum, this.#left);
    return { ...clients, written: this.#written, closed: this.#closed, waits: this.#waits };
  }

  /** The counts of one client; undefined when it is none. */
  statsOf(ws: WebSocketDuplex<ReadAs>): BroadcastClientStats | undefined {
    return this.#clients.get(ws)?.stats;
  }

  /**
   * Sends `ws` what is written from now on, until it ends. False when it has ended already, or when the Broadcast has.
   * Adding it again changes its filter. Takes any WebSocketDuplex, open or still connecting, of either role.
   * @throws UsageError for anything else.
   */
  add(ws: WebSocketDuplex<ReadAs>, options: BroadcastClientOptions = {}): boolean {
    if (!(ws instanceof WebSocketDuplex)) throw new UsageError('A client of a Broadcast is a WebSocketDuplex.');
    const filter = filterOf(options);
    if (ws.destroyed || ws.writableEnded || this.destroyed || this.writableEnded) return false;
    const client = this.#clients.get(ws) ?? new BroadcastClient(this.#owner, ws, this.#settings, this.#next);
    client.filter = filter;
    this.#clients.set(ws, client);
    return true;
  }

  /** True from `add` until `delete`, or until the socket ends. */
  has(ws: WebSocketDuplex<ReadAs>): boolean {
    return this.#clients.has(ws);
  }

  /** `ws` gets nothing more, not even what was queued for it, and stays open. False when it was no client. */
  delete(ws: WebSocketDuplex<ReadAs>): boolean {
    const client = this.#clients.get(ws);
    if (client === undefined) return false;
    this.#remove(client);
    return true;
  }

  /**
   * Takes one message for all; false when the source should wait for 'drain'. Copies its bytes. Throws a UsageError for
   * what is no message, and for a Readable or an iterable: pieces can be read only once.
   */
  override write(message: BroadcastMessage, callback?: Done): boolean;
  override write(message: BroadcastMessage, options?: BroadcastMessageOptions | BufferEncoding, done?: Done): boolean;
  override write(message: BroadcastMessage, second?: unknown, done?: unknown): boolean {
    const hasOptions = typeof second === 'object' && second !== null;
    const item = this.#itemOf(message, hasOptions ? (second as BroadcastMessageOptions) : NO_OPTIONS);
    const write = super.write as (...all: unknown[]) => boolean;
    if (!write.call(this, item, hasOptions ? undefined : second, done)) return false;
    if (this.#parked === null) return true;
    askForDrain(this);
    return false;
  }

  override _write(given: Item | BroadcastMessage, _: BufferEncoding, done: Done): void {
    // `end(message)` does not pass through `write`.
    this.#collecting.add(given instanceof Item ? given : this.#itemOf(given, NO_OPTIONS));
    this.#written++;
    this.#schedule();
    if (this.#collecting.bytes < BATCH_BYTES && this.#awaited.size === 0) done();
    else this.#parked = done;
  }

  override _final(done: Done): void {
    this.#finishing = done;
    this.#settle();
  }

  override _destroy(error: Error | null, done: Done): void {
    const { atEnd } = this.#settings;
    const isOver = error === null && this.writableFinished;
    for (const client of this.#clients.values()) {
      if (isOver) client.leaveAfterwards(atEnd);
      else client.leaveAtOnce(atEnd === 'close' ? (error === null ? 1001 : 1011) : undefined);
      this.#left = sum(this.#left, client.stats);
    }
    this.#clients.clear();
    this.#awaited.clear();
    this.#round = null;
    this.#collecting = new Batch();
    done(error);
    this.#unpark(error ?? new UsageError('The Broadcast was destroyed.'));
  }

  #itemOf(message: BroadcastMessage, { key, except, compress }: BroadcastMessageOptions): Item {
    const prepared = message instanceof PreparedMessage ? message : prepare(message, { compress });
    const entry = { message: prepared, key: key ?? this.#keyOf(message), bytes: prepared.wire.length };
    return new Item(entry, message, except, this.#next++);
  }

  /** What the user's function throws ends the Broadcast, not the process: a client's message may be the reason. */
  #keyOf(message: BroadcastMessage): string | undefined {
    try {
      return this.#settings.key(message);
    } catch (error) {
      this.destroy(error as Error);
      return undefined;
    }
  }

  #schedule(): void {
    if (this.#isScheduled || this.destroyed) return;
    this.#isScheduled = true;
    // After what has come with this turn of the event loop, so that all of it leaves together.
    setImmediate(() => {
      this.#isScheduled = false;
      if (this.destroyed) return;
      try {
        this.#handOut();
      } catch (error) {
        this.destroy(error as Error);
      }
    });
  }

  #handOut(): void {
    if (this.#round === null) {
      if (this.#awaited.size > 0 || this.#collecting.length === 0) return;
      this.#round = new Round(this.#collecting, this.#clients.values());
      this.#collecting = new Batch();
      this.#unpark();
    }
    const isDone = this.#round.proceed((client) => {
      if (client.isOver) this.#await(client);
    });
    if (isDone) this.#round = null;
    if (isDone) this.#settle();
    else this.#schedule();
  }

  /** What may go on when a round is over, or nobody is awaited any more. */
  #settle(): void {
    if (this.#round !== null || this.#awaited.size > 0) return;
    if (this.#collecting.length > 0) this.#schedule();
    if (this.#collecting.bytes < BATCH_BYTES) this.#unpark();
    if (this.#collecting.length > 0 || this.#finishing === null) return;
    const finished = this.#finishing;
    this.#finishing = null;
    finished();
  }

  /** The source may go on. */
  #unpark(error: Error | null = null): void {
    const parked = this.#parked;
    this.#parked = null;
    parked?.(error);
  }

  #await(client: BroadcastClient): void {
    if (!this.#clients.has(client.ws)) return;
    if (this.#awaited.size === 0) this.#waits++;
    this.#awaited.add(client);
  }

  #goOnWithout(client: BroadcastClient): void {
    if (this.#awaited.delete(client) && this.#awaited.size === 0) this.#settle();
  }

  #remove(client: BroadcastClient): void {
    if (this.#clients.get(client.ws) !== client) return;
    this.#clients.delete(client.ws);
    client.leaveAtOnce();
    this.#left = sum(this.#left, client.stats);
    this.#goOnWithout(client);
  }
}
