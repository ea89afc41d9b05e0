/**
 * One round: a batch goes to all clients, a few milliseconds of it in each turn of the event loop.
 *
 * Knows: who comes next, and when others should have a turn. A write to a socket takes about 10 µs, most of them the
 * system's, so that 10,000 clients would hold the event loop for a tenth of a second.
 * Does not know: what a client does with its batch.
 */
import type { Batch } from './batch.js';

const TURN_MS = 4;
/** The clock is looked at after so many clients. */
const CLIENTS_A_LOOK = 16;

/** What a round needs of a client. */
export interface Recipient {
  deliver(batch: Batch): void;
}

/** Ends when each client had its share. Clients may come and go meanwhile, if `clients` bears it as a Map's do. */
export class Round<Client extends Recipient> {
  readonly #batch: Batch;
  readonly #clients: Iterator<Client>;

  constructor(batch: Batch, clients: Iterable<Client>) {
    this.#batch = batch;
    this.#clients = clients[Symbol.iterator]();
  }

  /** Goes on for 4 ms; false when there is more to do. `had` is told of each client that had its share. */
  proceed(had: (client: Client) => void): boolean {
    const until = performance.now() + TURN_MS;
    for (let count = 1; ; count++) {
      const { done, value: client } = this.#clients.next();
      if (done) return true;
      client.deliver(this.#batch);
      had(client);
      if (count % CLIENTS_A_LOOK === 0 && performance.now() >= until) return false;
    }
  }
}
