/**
 * The two byte streams of each TCP connection (RFC 9293 §3.4).
 *
 * Knows: sequence numbers: what was sent twice, in the wrong order, or never captured.
 * Does not know: what the bytes mean, or which end is the client.
 */
import type { Piece } from './finding.js';
import type { Segment } from './packet.js';

/** One direction, in order. The bytes are views of the capture. */
export interface ByteStream {
  readonly source: string;
  readonly pieces: readonly Piece[];
  /** Bytes that are missing after the last piece, before others that were captured; 0 when nothing is. */
  readonly missingBytes: number;
}

/** A connection: its ends in the order in which they spoke first. */
export type Conversation = readonly [ByteStream, ByteStream];

/** Gathers segments; `conversations` puts them in order. Holds views of the packets only. */
export class TcpReassembly {
  readonly #all: Connection[] = [];
  readonly #latest = new Map<string, Connection>();

  /** Adds the next segment of the capture. */
  add(segment: Segment): void {
    const { source, destination, syn, ack, sequence } = segment;
    const key = source < destination ? `${source} ${destination}` : `${destination} ${source}`;
    let connection = this.#latest.get(key);
    if (connection === undefined || (syn && !ack && connection.isOver(source, sequence))) {
      connection = new Connection(source, destination);
      this.#latest.set(key, connection);
      this.#all.push(connection);
    }
    connection.add(segment);
  }

  /** All connections, in the order of their first packets. */
  *conversations(): Generator<Conversation> {
    for (const connection of this.#all) yield connection.conversation();
  }
}

class Connection {
  readonly #first: Sending;
  readonly #second: Sending;

  constructor(source: string, destination: string) {
    this.#first = new Sending(source);
    this.#second = new Sending(destination);
  }

  add(segment: Segment): void {
    (segment.source === this.#first.source ? this.#first : this.#second).add(segment);
  }

  /** True when a SYN with this number begins another connection: the ports are used again. */
  isOver(source: string, sequence: number): boolean {
    const sending = source === this.#first.source ? this.#first : this.#second;
    return !sending.beganAt(sequence);
  }

  conversation(): Conversation {
    return [this.#first.inOrder(), this.#second.inOrder()];
  }
}

/** What one end has sent. */
class Sending {
  readonly source: string;
  readonly #segments: { readonly start: number; readonly payload: Buffer; readonly ms: number }[] = [];
  /** The number of the SYN, null while none was captured. */
  #syn: number | null = null;
  /** The number of the first byte, and the highest one so far as it would be if numbers did not wrap. */
  #origin: number | null = null;
  #highest = 0;

  constructor(source: string) {
    this.source = source;
  }

  beganAt(sequence: number): boolean {
    return this.#syn === null ? this.#origin === null : this.#syn === sequence;
  }

  add({ syn, fin, sequence, payload, ms }: Segment): void {
    if (syn) this.#syn ??= sequence;
    if (!syn && !fin && payload.length === 0) return;
    const first = (sequence + (syn ? 1 : 0)) >>> 0;
    this.#origin ??= first;
    // Half of the number space lies before the highest one, half after it.
    const start = this.#highest + ((first - this.#origin - this.#highest) | 0);
    this.#highest = Math.max(this.#highest, start);
    this.#segments.push({ start, payload, ms });
  }

  /** What was captured first wins where segments overlap. */
  inOrder(): ByteStream {
    const pieces: Piece[] = [];
    let next = 0;
    let ms = -Infinity;
    for (const segment of this.#segments.sort((left, right) => left.start - right.start)) {
      const { start, payload } = segment;
      if (start > next) return { source: this.source, pieces, missingBytes: start - next };
      const end = start + payload.length;
      if (end <= next) continue;
      // Bytes that waited for others to be sent again were there when those were.
      ms = Math.max(ms, segment.ms);
      pieces.push({ bytes: payload.subarray(next - start), ms });
      next = end;
    }
    return { source: this.source, pieces, missingBytes: 0 };
  }
}
