/**
 * What waits for one slow client, and what its policy does when that is too much.
 *
 * Knows: the policies, the bytes of each message, which of two messages replaces the other.
 * Does not know: sockets. Messages are shared by all clients, so a queue holds references and no bytes.
 */

/** What becomes of messages for a client that does not keep up. */
export type SlowConsumerPolicy = 'wait' | 'drop-oldest' | 'drop-newest' | 'latest' | 'close';

/** What a queue has to know of a message. */
export interface Queueable {
  /** Bytes on the wire. */
  readonly bytes: number;
  /** With 'latest', a message replaces the one of the same key. */
  readonly key: string | undefined;
}

/** `'overflow'`: there is no room, and the policy is to close. */
export type Outcome = 'queued' | 'dropped' | 'overflow';

/** Shift from the front of an array is linear; a hole at the front is cut off when it is this long and half of all. */
const LONGEST_HOLE = 32;

/** The queue of one client. Empty, it holds next to nothing. */
export class ClientQueue<Entry extends Queueable> {
  readonly #policy: SlowConsumerPolicy;
  readonly #maxBytes: number;
  #entries: (Entry | undefined)[] = [];
  /** Where the first one is in `#entries`; what is before it was taken, and is let go of. */
  #head = 0;
  /** How many were cut off from `#entries`: the place of a key is counted from the very first one. */
  #cut = 0;
  #places: Map<string | undefined, number> | null = null;
  bytes = 0;
  /** Messages that were dropped because there was no room. */
  dropped = 0;
  /** Messages in whose place a newer one of the same key was put. */
  replaced = 0;

  /** `maxBytes` counts the queue and what the socket holds. One message may always wait for a client that has nothing else. */
  constructor(policy: SlowConsumerPolicy, maxBytes: number) {
    this.#policy = policy;
    this.#maxBytes = maxBytes;
  }

  get length(): number {
    return this.#entries.length - this.#head;
  }

  /** The next to be sent. */
  get first(): Entry | undefined {
    return this.#entries[this.#head];
  }

  /** True when the source is to wait: with the policy 'wait', the queue takes all that it is given. */
  isOver(heldBytes: number): boolean {
    return this.#policy === 'wait' && this.length > 0 && heldBytes + this.bytes > this.#maxBytes;
  }

  /** Queues `entry`, or does what the policy says. `heldBytes` is what the socket holds. */
  add(entry: Entry, heldBytes: number): Outcome {
    if (this.#policy === 'wait' || this.#fits(entry, heldBytes)) return this.#put(entry, heldBytes);
    if (this.#policy === 'close') return 'overflow';
    if (this.#policy === 'latest' && this.#placeOf(entry) !== undefined) return this.#put(entry, heldBytes);
    if (this.#policy !== 'drop-newest') {
      while (this.length > 0 && !this.#fits(entry, heldBytes)) this.#drop();
      if (this.#fits(entry, heldBytes)) return this.#put(entry, heldBytes);
    }
    this.dropped++;
    return 'dropped';
  }

  /** Takes the first one. */
  shift(): Entry | undefined {
    const entry = this.#entries[this.#head];
    if (entry === undefined) return undefined;
    this.#places?.delete(entry.key);
    this.bytes -= entry.bytes;
    this.#entries[this.#head++] = undefined;
    if (this.#head === this.#entries.length || (this.#head > LONGEST_HOLE && this.#head * 2 > this.#entries.length)) {
      this.#entries = this.#entries.slice(this.#head);
      this.#cut += this.#head;
      this.#head = 0;
    }
    return entry;
  }

  clear(): void {
    this.#cut += this.#entries.length;
    this.#entries = [];
    this.#head = 0;
    this.#places = null;
    this.bytes = 0;
  }

  #fits(entry: Entry, heldBytes: number): boolean {
    const waiting = heldBytes + this.bytes;
    return waiting === 0 || waiting + entry.bytes <= this.#maxBytes;
  }

  #put(entry: Entry, heldBytes: number): Outcome {
    const place = this.#policy === 'latest' ? this.#placeOf(entry) : undefined;
    if (place !== undefined) {
      this.#replace(place, entry, heldBytes);
      return 'queued';
    }
    if (this.#policy === 'latest') {
      this.#places ??= new Map();
      this.#places.set(entry.key, this.#cut + this.#entries.length);
    }
    this.#entries.push(entry);
    this.bytes += entry.bytes;
    return 'queued';
  }

  #placeOf({ key }: Entry): number | undefined {
    return this.#places?.get(key);
  }

  /** The newer one takes the place of the older one, so that a key that changes all the time still gets its turn. */
  #replace(place: number, entry: Entry, heldBytes: number): void {
    const older = this.#entries[place - this.#cut] as Entry;
    this.#entries[place - this.#cut] = entry;
    this.bytes += entry.bytes - older.bytes;
    this.replaced++;
    while (this.length > 1 && heldBytes + this.bytes > this.#maxBytes) this.#drop();
  }

  #drop(): void {
    this.shift();
    this.dropped++;
  }
}
