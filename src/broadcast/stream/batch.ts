/**
 * The messages of one turn of the event loop, which leave for each client in one write.
 *
 * Knows: that clients that have agreed on the same get the very same bytes, joined once.
 * Does not know: clients, or who wants which message.
 */

import { Buffer } from 'node:buffer';
import type { ReadAs } from '../../duplex/options.js';
import type { PreparedMessage } from '../../duplex/prepared-message.js';
import type { SessionDeflate } from '../../duplex/session-deflate.js';
import type { WebSocketDuplex } from '../../duplex/websocket-duplex.js';
import type { Queueable } from '../client-queue.js';
import type { BroadcastMessage } from './options.js';

/** A message as it waits in the queues of clients. */
export interface Entry extends Queueable {
  readonly message: PreparedMessage;
}

/** A message as it was written. */
export class Item {
  readonly entry: Entry;
  /** What filters are shown. */
  readonly source: BroadcastMessage;
  readonly except: WebSocketDuplex<ReadAs> | undefined;
  /** Its place among all messages: a client gets those that are written after it came. */
  readonly number: number;

  constructor(entry: Entry, source: BroadcastMessage, except: WebSocketDuplex<ReadAs> | undefined, number: number) {
    this.entry = entry;
    this.source = source;
    this.except = except;
    this.number = number;
  }
}

/** The frames of all messages of a batch in one piece. */
export interface BatchWire {
  readonly bytes: Buffer;
  readonly isCompressed: boolean;
}

interface Variant extends BatchWire {
  readonly windowBits: number;
  readonly threshold: number;
}

/** Collects messages; frames are joined when the first client needs them. */
export class Batch {
  readonly items: Item[] = [];
  bytes = 0;
  #plain: BatchWire | null = null;
  readonly #compressed: Variant[] = [];
  #exceptions: Set<WebSocketDuplex<ReadAs>> | null = null;

  add(item: Item): void {
    this.items.push(item);
    this.bytes += item.entry.bytes;
    if (item.except === undefined) return;
    this.#exceptions ??= new Set();
    this.#exceptions.add(item.except);
  }

  get length(): number {
    return this.items.length;
  }

  /** True when some message is not for `ws`. */
  hasExceptionFor(ws: WebSocketDuplex<ReadAs>): boolean {
    return this.#exceptions?.has(ws) ?? false;
  }

  /** The bytes for clients with that compression, or without; null while a message is being compressed for them. */
  wireFor(deflate: SessionDeflate | null): BatchWire | null {
    if (deflate === null) {
      this.#plain ??= { bytes: joined(this.items.map(({ entry }) => entry.message.wire)), isCompressed: false };
      return this.#plain;
    }
    const { windowBits, threshold } = deflate;
    const known = this.#compressed.find((one) => one.windowBits === windowBits && one.threshold === threshold);
    return known ?? this.#compress(deflate);
  }

  #compress(deflate: SessionDeflate): BatchWire | null {
    const wires: Buffer[] = [];
    let isCompressed = false;
    for (const { entry } of this.items) {
      const frame = deflate.shared(entry.message);
      if (frame instanceof Promise) return null;
      isCompressed ||= frame.isCompressed;
      wires.push(frame.wire);
    }
    const { windowBits, threshold } = deflate;
    const variant = { windowBits, threshold, isCompressed, bytes: joined(wires) };
    this.#compressed.push(variant);
    return variant;
  }
}

function joined(wires: readonly Buffer[]): Buffer {
  const [only] = wires;
  return wires.length === 1 && only !== undefined ? only : Buffer.concat(wires);
}
