/**
 * Asking a JetStream consumer for messages, one request at a time.
 *
 * Knows: when a request is through: all its messages, a status that ends it, silence for too long, an interruption.
 * Does not know: positions, or what comes next.
 */
import { Buffer } from 'node:buffer';
import { randomBytes } from 'node:crypto';
import { sequenceOf } from '../jetstream.js';
import type { NatsClient, NatsMessage, NatsSubscription } from './clients.js';

/** Statuses that end a request although the consumer is well: nothing there, time is up. */
const ORDINARY = [404, 408];

interface Pull {
  /** Its own subject for replies: one that comes late is not taken for one of the next request. */
  readonly inbox: string;
  left: number;
  readonly over: (goesOn: boolean) => void;
}

/** The requests of one reader. */
export class Pulls {
  readonly #connection: NatsClient;
  readonly #onMessage: (sequence: number, bytes: Buffer) => void;
  readonly #inbox = `_INBOX.${randomBytes(12).toString('hex')}`;
  #subscription: NatsSubscription | null = null;
  #pull: Pull | null = null;
  #count = 0;

  constructor(connection: NatsClient, onMessage: (sequence: number, bytes: Buffer) => void) {
    this.#connection = connection;
    this.#onMessage = onMessage;
  }

  /** Asks for `batch` messages; resolves when that is through. False: the consumer is no more, or nobody knows. */
  pull(subject: string, payload: Buffer, batch: number, silenceMs: number): Promise<boolean> {
    return new Promise((resolve) => {
      const inbox = `${this.#inbox}.${this.#count++}`;
      this.#subscription?.unsubscribe();
      this.#subscription = this.#connection.subscribe(inbox, {
        callback: (error, message) => {
          if (error === null) this.#take(inbox, message);
          else this.interrupt();
        },
      });
      // Throws when the connection is closed, so it comes before what would have to be undone.
      this.#connection.publish(subject, payload, { reply: inbox });
      const timer = setTimeout(() => this.interrupt(), silenceMs);
      this.#pull = {
        inbox,
        left: batch,
        over: (goesOn) => {
          clearTimeout(timer);
          this.#pull = null;
          resolve(goesOn);
        },
      };
    });
  }

  /** What was asked for may never come. */
  interrupt(): void {
    this.#pull?.over(false);
  }

  close(): void {
    this.interrupt();
    this.#subscription?.unsubscribe();
    this.#subscription = null;
  }

  #take(inbox: string, { data, reply, headers }: NatsMessage): void {
    const pull = this.#pull;
    if (pull?.inbox !== inbox) return;
    const sequence = sequenceOf(reply);
    if (sequence === null) {
      const status = headers?.code ?? 0;
      if (status >= 400) pull.over(ORDINARY.includes(status));
      return;
    }
    this.#onMessage(sequence, Buffer.from(data.buffer, data.byteOffset, data.byteLength));
    pull.left--;
    if (pull.left === 0) pull.over(true);
  }
}
