/**
 * Two ends of a connection in memory that treats bytes as badly as a network may: late, in pieces, not at all.
 *
 * Knows: how a plan cuts and delays each direction; how a direction is stalled and the connection broken.
 * Does not know: WebSockets. Bytes are never changed, lost in the middle or out of order: TCP does not do that either.
 */
import { Buffer } from 'node:buffer';
import { Duplex } from 'node:stream';
import fc, { type Arbitrary } from 'fast-check';
import { labelled } from '../labelled.js';

/** The end that sends. */
export type LinkEnd = 'client' | 'server';

/** How bytes travel. Both lists are gone through again and again, by the direction. */
export interface LinkPlan {
  /** The sizes of the pieces in which they arrive. */
  readonly pieceBytes: readonly number[];
  /** Turns of the event loop that each piece takes, from 1. */
  readonly delayTurns: readonly number[];
  /** The connection breaks when so many bytes have travelled from the client, and from the server; null: it does not. */
  readonly breaksAfter: Readonly<Record<LinkEnd, number | null>>;
}

/** Plans, biased to pieces that end within a header. They shrink towards a link that does nothing to what it carries. */
export function linkPlans(): Arbitrary<LinkPlan> {
  const breaks = fc.oneof(
    { withCrossShrink: true },
    { weight: 4, arbitrary: fc.constant(null) },
    { weight: 1, arbitrary: fc.integer({ min: 1, max: 2_000 }) },
  );
  return fc
    .record({
      pieceBytes: fc.array(fc.oneof(fc.constantFrom(65_536, 1, 2, 3, 7), fc.integer({ min: 1, max: 300 })), {
        minLength: 1,
        maxLength: 4,
      }),
      delayTurns: fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 1, maxLength: 3 }),
      breaksAfter: fc.record({ client: breaks, server: breaks }),
    })
    .map((plan) => labelled(plan, () => describePlan(plan)));
}

/** A connection. Each end is an ordinary Duplex of bytes; what it does not read holds the other one up. */
export class LossyLink {
  /** What the client takes for its socket. */
  readonly client: Duplex;
  /** What the server takes for its socket. */
  readonly server: Duplex;
  readonly #ends: Readonly<Record<LinkEnd, End>>;
  #isBroken = false;

  constructor(plan: LinkPlan) {
    const end = (name: LinkEnd) => new End(plan, plan.breaksAfter[name] ?? Infinity, () => this.break());
    this.#ends = { client: end('client'), server: end('server') };
    const { client, server } = this.#ends;
    client.other = server;
    server.other = client;
    this.client = client;
    this.server = server;
  }

  /** True after `break`, or when the plan has broken it. */
  get isBroken(): boolean {
    return this.#isBroken;
  }

  /** Nothing that `from` sends arrives until `release`. */
  stall(from: LinkEnd): void {
    this.#ends[from].isStalled = true;
  }

  /** What was stalled travels on. */
  release(from: LinkEnd): void {
    this.#ends[from].isStalled = false;
    this.#ends[from].carry();
  }

  /** The connection is gone at once, with what is under way: both ends fail with ECONNRESET. */
  break(): void {
    if (this.#isBroken) return;
    this.#isBroken = true;
    for (const end of Object.values(this.#ends)) {
      end.lose();
      end.destroy(Object.assign(new Error('The link was broken.'), { code: 'ECONNRESET' }));
    }
  }
}

/** What a connection takes from a sender before it holds it up, in bytes. */
const IN_FLIGHT_BYTES = 16_384;

/** One end, and the bytes that it has sent and that have not arrived. */
class End extends Duplex {
  readonly #plan: LinkPlan;
  readonly #break: () => void;
  readonly #flight: Buffer[] = [];
  #flightBytes = 0;
  #untilBreak: number;
  #pieces = 0;
  /** True while a piece is on its way. */
  #isCarrying = false;
  /** True when nothing more will be sent, and when the other end knows. */
  #isOver = false;
  #isOverThere = false;
  #full: (() => void) | null = null;

  other: End | null = null;
  isStalled = false;
  /** True while our reader wants bytes. */
  wants = false;

  constructor(plan: LinkPlan, untilBreak: number, onBreak: () => void) {
    super({ allowHalfOpen: true });
    this.#plan = plan;
    this.#untilBreak = untilBreak;
    this.#break = onBreak;
    // Who uses this end hears of a broken link by listeners of its own.
    this.on('error', () => {});
  }

  /** Goes on with what is under way, unless something is in the way. */
  carry(): void {
    if (this.#isCarrying || this.isStalled || this.other === null) return;
    if (this.#flightBytes === 0) {
      if (this.#isOver && !this.#isOverThere) this.other.push(null);
      this.#isOverThere = this.#isOver;
      return;
    }
    if (!this.other.wants && !this.other.destroyed) return;
    const { pieceBytes, delayTurns } = this.#plan;
    const size = pieceBytes[this.#pieces % pieceBytes.length] ?? 1;
    const turns = delayTurns[this.#pieces % delayTurns.length] ?? 1;
    this.#pieces++;
    this.#isCarrying = true;
    afterTurns(turns, () => {
      this.#isCarrying = false;
      if (!this.isStalled && this.#flightBytes > 0) this.#arrive(Math.min(size, this.#untilBreak));
      this.carry();
    });
  }

  /** Forgets what is under way. */
  lose(): void {
    this.#flight.length = 0;
    this.#flightBytes = 0;
  }

  override _read(): void {
    this.wants = true;
    this.other?.carry();
  }

  override _write(chunk: Buffer, _: BufferEncoding, done: () => void): void {
    this.#flight.push(chunk);
    this.#flightBytes += chunk.length;
    if (this.#flightBytes <= IN_FLIGHT_BYTES) done();
    else this.#full = done;
    this.carry();
  }

  override _final(done: () => void): void {
    this.#isOver = true;
    this.carry();
    done();
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.#isOver = true;
    if (error === null) this.carry();
    done(error);
    if (error !== null) this.#break();
  }

  #arrive(mostBytes: number): void {
    const [chunk = Buffer.alloc(0)] = this.#flight;
    const piece = chunk.subarray(0, mostBytes);
    if (piece.length === chunk.length) this.#flight.shift();
    else this.#flight[0] = chunk.subarray(piece.length);
    this.#flightBytes -= piece.length;
    this.#untilBreak -= piece.length;
    // A copy: whoever reads may write into what it was given, and the writer may still look at it.
    if (this.other !== null && piece.length > 0 && !this.other.destroyed)
      this.other.wants = this.other.push(Buffer.from(piece));
    if (this.#untilBreak === 0) this.#break();
    const full = this.#full;
    if (full === null || this.#flightBytes > IN_FLIGHT_BYTES) return;
    this.#full = null;
    full();
  }
}

function afterTurns(count: number, next: () => void): void {
  setImmediate(() => (count > 1 ? afterTurns(count - 1, next) : next()));
}

function describePlan({ pieceBytes, delayTurns, breaksAfter }: LinkPlan): string {
  const breaks = Object.entries(breaksAfter).filter(([, bytes]) => bytes !== null);
  const ends = breaks.map(([from, bytes]) => `, broken after ${bytes} bytes from the ${from}`).join('');
  return `pieces of ${pieceBytes.join(', ')} bytes, ${delayTurns.join(', ')} turns late${ends}`;
}
