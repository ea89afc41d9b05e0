/**
 * Pings that wait for their pongs (RFC 6455 §5.5.2, §5.5.3).
 *
 * Knows: which pong answers which ping, and how long it took.
 * Does not know: frames, sockets.
 */

import { Buffer } from 'node:buffer';
import { MAX_CONTROL_BYTES } from '../codec/frame.js';
import { bytesOf } from '../codec/payload.js';
import { orCutOff, UsageError } from '../errors.js';

/** A copy of what the caller wants to be in a ping. Throws a UsageError for what is no bytes, or more than 125. */
export function pingPayload(payload: unknown): Buffer {
  const bytes = typeof payload === 'string' ? Buffer.from(payload) : bytesOf(payload);
  if (bytes !== null && bytes.length <= MAX_CONTROL_BYTES) return Buffer.from(bytes);
  throw new UsageError(`The payload of a ping is a string or bytes, ${MAX_CONTROL_BYTES} bytes at most.`);
}

interface WaitingPing {
  readonly payload: Buffer;
  readonly sentAt: number;
  readonly resolve: (milliseconds: number) => void;
  readonly reject: (error: Error) => void;
}

/** The pings of one connection that have no pong yet, in the order in which they were sent. */
export class PingLedger {
  readonly #waiting: WaitingPing[] = [];
  #count = 0;

  /** A payload that no other ping of this ledger has: 8 bytes. */
  nextPayload(): Buffer {
    const payload = Buffer.alloc(8);
    payload.writeDoubleBE(++this.#count);
    return payload;
  }

  /** The round trip of a ping that is being sent now, in milliseconds. Rejects when the connection ends first. */
  add(payload: Buffer): Promise<number> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ payload, sentAt: performance.now(), resolve, reject });
    });
  }

  /** A pong answers its ping and the earlier ones: a peer may answer only the newest (§5.5.3). */
  answer(payload: Buffer): void {
    const index = this.#waiting.findLastIndex((ping) => ping.payload.equals(payload));
    const now = performance.now();
    for (const ping of this.#waiting.splice(0, index + 1)) ping.resolve(now - ping.sentAt);
  }

  rejectAll(error: Error | null): void {
    for (const ping of this.#waiting.splice(0)) ping.reject(orCutOff(error));
  }
}
