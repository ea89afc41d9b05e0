/**
 * Compressed messages in, plain bytes out, never more than asked for (RFC 7692 §7.2.2).
 *
 * Knows: where a message ends in DEFLATE, what an end that is not one looks like, what a window has to outlive.
 * Does not know: frames, types, limits of messages (part-inflater.ts).
 */
import { Buffer } from 'node:buffer';
import { type ProtocolError, violation } from '../../errors.js';
import type { DeflateDirection } from '../agreement.js';
import { recallProgram, storedBlockHeader } from '../history.js';
import type { ContextPool, Tenant } from './context-pool.js';
import { Flush, SCRATCH, SLICE_BYTES, type ZlibContext } from './zlib-context.js';

/**
 * What the sender took off (§7.2.1), and one byte more: told to stop after a block, zlib leaves that byte if and only if
 * the four before it ended one. So a message that was cut off is found out at once, not by the message after it.
 */
const TAIL: Buffer = Buffer.from([0, 0, 0xff, 0xff, 0]);
const TAIL_BYTES = 4;

/** Where the tail inflates to, which is nothing if the message is right: SCRATCH still holds what came before it. */
const TAIL_ROOM: Buffer = Buffer.alloc(64);
const NO_BYTES: Buffer = Buffer.alloc(0);

/** A call into zlib costs as much as inflating these many bytes, about 1 µs. */
const CALL_BYTES = 1_024;

/** A few milliseconds' worth of inflating, in bytes or what costs as much: after that, others should have their turn. */
export const EFFORT_A_TURN = 1024 * 1024;

/** DEFLATE streams that may end within a message, besides one for each KiB that came out: each costs about 1 µs. */
const MAX_FINAL_BLOCKS = 1_024;

/**
 * A pull parser like FrameParser: `push` compressed bytes, then call `next` until it answers 0. It borrows what was
 * pushed until then. After it has thrown, only `close` makes sense.
 *
 * A message may hold any number of DEFLATE streams that end with BFINAL = 1 (§7.2.3.4); what comes after one starts with
 * an empty window, as a sender's zlib does. A message of no bytes at all is empty.
 */
export class Inflater implements Tenant {
  readonly #pool: ContextPool;
  readonly #windowBytes: number;
  readonly #takeover: boolean;
  #context: ZlibContext | null = null;
  /** What the window held when the context was given up. */
  #history: Buffer | null = null;
  /** Bytes that the context has in its window, at most `#windowBytes`. */
  #windowed = 0;

  #input = NO_BYTES;
  #at = 0;
  #end = 0;
  #final = false;
  #open = false;
  #closed = false;
  /** Compressed bytes of this message so far, plain ones, and DEFLATE streams that have ended in it. */
  #taken = 0;
  #given = 0;
  #finals = 0;

  usedLately = false;

  /** All that was done so far, as the number of plain bytes that could have been made in that time. */
  effort = 0;

  /** Contexts come from `pool`, which must make them for at least `windowBits`. */
  constructor({ windowBits, takeover }: DeflateDirection, pool: ContextPool) {
    this.#pool = pool;
    this.#windowBytes = 2 ** windowBits;
    this.#takeover = takeover;
  }

  /** True from the first push of a message until `next` has given out its end. */
  get isBusy(): boolean {
    return this.#open;
  }

  /** True when there is nothing more in the message: it may become so together with its last slice. */
  get done(): boolean {
    return !this.#open;
  }

  /** Bytes that are held between messages, outside of any context. */
  get heldBytes(): number {
    return this.#history?.length ?? 0;
  }

  /** Gives `bytes[start, end)`; `final` when they complete the message. Only when `next` has answered 0. */
  push(bytes: Buffer, start: number, end: number, final: boolean): void {
    if (this.#closed) return;
    if (!this.#open) this.#begin();
    this.#input = bytes;
    this.#at = start;
    this.#end = end;
    this.#final = final;
    this.#taken += end - start;
  }

  /**
   * Inflates the next plain bytes into the beginning of SCRATCH, from one to `budget` of them and never more than 64 KiB, and
   * returns how many; 0 when everything that was pushed is used up. They are there until anybody inflates or deflates again.
   * Throws a ProtocolError (INVALID_DEFLATE, 1007) at the first byte that cannot be right.
   */
  next(budget: number): number {
    if (!this.#open) return 0;
    const room = Math.min(budget, SLICE_BYTES);
    if (room <= 0) throw new RangeError('The budget of an inflater is a positive number of bytes.');
    const size = this.#inflate(room);
    this.#given += size;
    this.#windowed = Math.min(this.#windowed + size, this.#windowBytes);
    if (size === 0 || (size < room && this.#at === this.#end)) this.#inputEnds();
    return size;
  }

  /** Takes the window out of the context, which then belongs to the pool. */
  vacate(): ZlibContext {
    const context = this.#context as ZlibContext;
    this.#context = null;
    this.#history = this.#takeover && this.#windowed > 0 ? recall(context, this.#windowed) : null;
    return context;
  }

  /** Lets go of everything. Nothing may be pushed any more; `next` answers 0. Closing twice is nothing. */
  close(): void {
    const context = this.#context;
    this.#context = null;
    this.#history = null;
    this.#input = NO_BYTES;
    this.#open = false;
    this.#closed = true;
    if (context !== null) this.#pool.giveBack(this, context);
  }

  #begin(): void {
    this.#open = true;
    this.#taken = 0;
    this.#given = 0;
    this.#finals = 0;
  }

  #contextNow(): ZlibContext {
    this.usedLately = true;
    if (this.#context !== null) return this.#context;
    const context = this.#pool.take(this);
    this.#context = context;
    this.#windowed = 0;
    if (this.#history !== null) {
      remember(context, this.#history);
      this.#windowed = this.#history.length;
      this.#history = null;
    }
    return context;
  }

  /** Inflates up to `room` bytes into SCRATCH; returns how many. Stops early only when the input is used up. */
  #inflate(room: number): number {
    if (this.#taken === 0) return 0;
    const context = this.#contextNow();
    for (;;) {
      const before = this.#end - this.#at;
      const wrong = context.run(Flush.sync, this.#input, this.#at, this.#end, SCRATCH, room);
      if (wrong !== null) throw this.#fail(wrong);
      this.#at = this.#end - context.leftIn;
      const size = room - context.leftOut;
      this.effort += size + CALL_BYTES;
      if (size > 0 || this.#at === this.#end) return size;
      // Input left, room left, nothing done: the stream has ended before this byte.
      if (context.leftIn === before) this.#streamEnds(context);
    }
  }

  #streamEnds(context: ZlibContext): void {
    this.#finals++;
    if (this.#finals > MAX_FINAL_BLOCKS + this.#given / 1_024) throw this.#fail('too many final blocks');
    context.reset();
    this.#windowed = 0;
  }

  /** What was pushed is used up: with the last byte of the message, checks that it is an end. */
  #inputEnds(): void {
    this.#input = NO_BYTES;
    this.#at = 0;
    this.#end = 0;
    if (!this.#final) return;
    const context = this.#context;
    if (context !== null && this.#taken > 0) this.#readTail(context);
    this.#open = false;
    if (context !== null && !this.#takeover) {
      this.#context = null;
      this.#pool.giveBack(this, context);
    }
  }

  #readTail(context: ZlibContext): void {
    const wrong = context.run(Flush.block, TAIL, 0, TAIL.length, TAIL_ROOM, TAIL_ROOM.length);
    this.effort += CALL_BYTES;
    if (wrong !== null) throw this.#fail(wrong);
    const read = TAIL.length - context.leftIn;
    const quiet = context.leftOut === TAIL_ROOM.length;
    // Nothing read: the message ended with a final block, which needs no tail.
    if (quiet && read === 0) this.#streamEnds(context);
    else if (!quiet || read !== TAIL_BYTES) throw this.#fail('the message ends within a block');
  }

  #fail(reason: string): ProtocolError {
    const context = this.#context;
    this.#context = null;
    if (context !== null) this.#pool.discard(this, context);
    this.#open = false;
    return violation('INVALID_DEFLATE', { reason, compressedBytes: this.#taken, inflatedBytes: this.#given });
  }
}

/**
 * The last `size` bytes that the context gave, or null when its stream has ended, which the tail of a message can do: then
 * nothing may refer to them. The context must be between two messages, and is to be reset.
 */
function recall(context: ZlibContext, size: number): Buffer | null {
  const program = recallProgram(size);
  const history = Buffer.allocUnsafeSlow(size);
  const wrong = context.run(Flush.sync, program, 0, program.length, history, size);
  return wrong === null && context.leftOut === 0 ? history : null;
}

/** Makes `history` the window of a context that is as good as new. */
function remember(context: ZlibContext, history: Buffer): void {
  const header = storedBlockHeader(history.length);
  context.run(Flush.sync, header, 0, header.length, SCRATCH, SLICE_BYTES);
  context.run(Flush.sync, history, 0, history.length, SCRATCH, SLICE_BYTES);
}
