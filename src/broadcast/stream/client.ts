/**
 * One client of a Broadcast: its socket, and what waits for it.
 *
 * Knows: when its socket has room, and that nothing may overtake what waits.
 * Does not know: other clients. Whatever goes wrong with its socket ends here.
 */
import { channels } from '../../duplex/diagnostics.js';
import type { Follower } from '../../duplex/followers.js';
import type { ReadAs } from '../../duplex/options.js';
import type { SharedFrame } from '../../duplex/shared-frame.js';
import type { WebSocketDuplex } from '../../duplex/websocket-duplex.js';
import { WRITE_SIDE, type WriteSide } from '../../duplex/write-side.js';
import { ClientQueue } from '../client-queue.js';
import type { BroadcastClientStats } from '../stats.js';
import type { Batch, Entry, Item } from './batch.js';
import type { BroadcastFilter, BroadcastSettings } from './options.js';

/** What a client tells its Broadcast. */
export interface ClientOwner {
  /** It is gone, or on its way. */
  leaves(client: BroadcastClient): void;
  /** It was closed, because it was too slow. */
  tooSlow(): void;
  /** It has room for more, after it had not. */
  caughtUp(client: BroadcastClient): void;
}

/** Follows one socket, from the message `since` on. */
export class BroadcastClient implements Follower {
  readonly ws: WebSocketDuplex<ReadAs>;
  readonly #owner: ClientOwner;
  readonly #settings: BroadcastSettings;
  readonly #side: WriteSide;
  readonly #queue: ClientQueue<Entry>;
  readonly #since: number;
  /** What is done once the queue is empty; null while it is a client like all others. */
  #afterwards: 'keep' | 'close' | null = null;
  filter: BroadcastFilter | undefined;
  #hasLeft = false;
  #delivered = 0;

  constructor(owner: ClientOwner, ws: WebSocketDuplex<ReadAs>, settings: BroadcastSettings, since: number) {
    this.#owner = owner;
    this.ws = ws;
    this.#settings = settings;
    this.#since = since;
    this.#queue = new ClientQueue(settings.policy, settings.maxBufferedBytes);
    this.#side = ws[WRITE_SIDE];
    this.#side.followers.add(this);
  }

  get stats(): BroadcastClientStats {
    const { dropped, replaced, length, bytes } = this.#queue;
    return { delivered: this.#delivered, dropped, replaced, queuedMessages: length, queuedBytes: bytes };
  }

  /** True when the source is to wait for it. */
  get isOver(): boolean {
    return this.#queue.length > 0 && this.#queue.isOver(this.ws.bufferedBytes);
  }

  /** Sends it what it wants of `batch`, or queues it. */
  deliver(batch: Batch): void {
    const { ws } = this;
    if (ws.destroyed || ws.writableEnded) {
      this.#owner.leaves(this);
      return;
    }
    if (this.#deliverWhole(batch)) return;
    for (const item of batch.items) {
      const isWanted = this.#wants(item);
      // A filter may have deleted or closed its own client.
      if (this.#hasLeft || ws.destroyed || ws.writableEnded) return;
      if (isWanted && !this.#take(item.entry)) return;
    }
  }

  room(): void {
    const queue = this.#queue;
    if (queue.length === 0) return;
    for (let entry = queue.first; entry !== undefined && this.#side.isIdle; entry = queue.first) {
      const frame = this.#frameOf(entry);
      if (frame === null) break;
      queue.shift();
      this.#send(entry, frame);
    }
    if (!this.isOver) this.#owner.caughtUp(this);
    if (queue.length === 0 && this.#afterwards !== null) this.#part(this.#afterwards);
  }

  gone(): void {
    this.#queue.clear();
    this.#owner.leaves(this);
  }

  /** Gets what is queued for it, and nothing more; then its socket is closed or left alone. */
  leaveAfterwards(then: 'keep' | 'close'): void {
    this.#afterwards = then;
    if (this.#queue.length === 0) this.#part(then);
  }

  /** Gets nothing more. Closes its socket with `closeCode` if there is one. */
  leaveAtOnce(closeCode?: number, reason?: string): void {
    this.#hasLeft = true;
    this.#queue.clear();
    this.#side.followers.delete(this);
    if (closeCode !== undefined) this.ws.close(closeCode, reason);
  }

  #part(then: 'keep' | 'close'): void {
    this.#side.followers.delete(this);
    if (then === 'close') this.ws.close();
  }

  /** The shortest way: the very bytes that all others get. */
  #deliverWhole(batch: Batch): boolean {
    const { session } = this.#side;
    const isForAll = this.filter === undefined && this.#since <= (batch.items[0]?.number ?? 0);
    if (!isForAll || session === null || this.#queue.length > 0 || !this.#side.isIdle) return false;
    if (batch.hasExceptionFor(this.ws) || !session.sender.isServer) return false;
    if (channels.frame.hasSubscribers || channels.message.hasSubscribers) return false;
    const wire = batch.wireFor(session.deflate);
    if (wire === null) return false;
    this.#side.sendBatch(wire.bytes, batch.length, wire.isCompressed);
    this.#delivered += batch.length;
    return true;
  }

  #wants({ number, except, source, entry }: Item): boolean {
    if (number < this.#since || except === this.ws) return false;
    return this.filter === undefined || this.filter(source, entry.key);
  }

  /** False when that was the end of it: it was too slow. */
  #take(entry: Entry): boolean {
    const frame = this.#queue.length === 0 && this.#side.isIdle ? this.#frameOf(entry) : null;
    if (frame !== null) {
      this.#send(entry, frame);
      return true;
    }
    if (this.#queue.add(entry, this.ws.bufferedBytes) !== 'overflow') return true;
    this.#owner.tooSlow();
    this.#owner.leaves(this);
    this.leaveAtOnce(this.#settings.closeCode, this.#settings.closeReason);
    return false;
  }

  #send({ message }: Entry, frame: SharedFrame): void {
    this.#side.sendShared(message, frame);
    this.#delivered++;
  }

  /** Null while the message is being compressed: there is room for it once that is done. */
  #frameOf({ message }: Entry): SharedFrame | null {
    const frame = this.#side.session?.deflate?.shared(message) ?? message.plain;
    if (!(frame instanceof Promise)) return frame;
    frame.then(
      () => this.room(),
      (error: Error) => {
        if (!this.#hasLeft) this.ws.destroy(error);
      },
    );
    return null;
  }
}
