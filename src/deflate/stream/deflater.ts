/**
 * Plain messages in, compressed ones out (RFC 7692 §7.2.1).
 *
 * Knows: what is taken off the end, what an empty end looks like, when a message is better sent as it is.
 * Does not know: frames, thresholds, when there is room to send.
 */
import { Buffer } from 'node:buffer';
import { allocatePayload } from '../../codec/slabs.js';
import { violation } from '../../errors.js';
import type { DeflateDirection } from '../agreement.js';
import type { ContextPool, Tenant } from './context-pool.js';
import { Flush, SCRATCH, type ZlibContext } from './zlib-context.js';

/** What becomes of the bytes of a piece: kept until there are more, given out now, or the last of the message. */
export type PieceEnd = 'more' | 'flush' | 'message';

/** 00 00 ff ff ends every flush and is left away at the end of a message. */
const TAIL_BYTES = 4;
const NO_BYTES: Buffer = Buffer.alloc(0);

/**
 * Compresses one message after another, whole or in pieces. Borrows what it is given during the call only; what it
 * returns belongs to the caller. With takeover the context stays between messages until the pool wants it, and a message
 * after that begins anew, which every receiver understands; without, it goes back after each message, so that one
 * context serves all connections that share the pool.
 */
export class Deflater implements Tenant {
  readonly #pool: ContextPool;
  readonly #takeover: boolean;
  #context: ZlibContext | null = null;
  #open = false;
  #closed = false;

  usedLately = false;

  constructor({ takeover }: DeflateDirection, pool: ContextPool) {
    this.#pool = pool;
    this.#takeover = takeover;
  }

  /** True between the first and the last piece of a message. */
  get isBusy(): boolean {
    return this.#open;
  }

  /**
   * A whole message, or null when it does not become smaller: send it as it is, without RSV1. Takes about 2 ms for each
   * 64 KiB: cut what is longer into pieces, or let AsideDeflater have it.
   */
  compress(payload: Buffer): Buffer | null {
    const compressed = this.piece(payload, 'message');
    if (compressed.length < payload.length) return compressed;
    // The peer will never see those bytes, so nothing may refer to them.
    this.#context?.reset();
    return null;
  }

  /** A piece of a message; its result may be empty unless `end` says 'message'. Throws a ConnectionError once closed. */
  piece(bytes: Buffer, end: PieceEnd): Buffer {
    if (this.#closed) throw violation('CUT_OFF');
    this.usedLately = true;
    this.#context ??= this.#pool.take(this);
    this.#open = end !== 'message';
    const out = run(this.#context, bytes, end === 'more' ? Flush.none : Flush.sync);
    if (end !== 'message') return out;
    if (!this.#takeover) this.#leave();
    // Nothing since the last flush: zlib then says nothing at all, §7.2.3.6 says one zero byte.
    return out.length === 0 ? Buffer.from([0]) : out.subarray(0, out.length - TAIL_BYTES);
  }

  /**
   * The next message refers to nothing before it: to be called between messages when one goes out that was compressed
   * elsewhere, because the peer's window holds it and ours does not.
   */
  forget(): void {
    this.#leave();
  }

  /** What a compressor forgets costs ratio, never correctness. */
  vacate(): ZlibContext {
    const context = this.#context as ZlibContext;
    this.#context = null;
    return context;
  }

  /** Lets go of the context. Closing twice is nothing. */
  close(): void {
    this.#closed = true;
    this.#open = false;
    this.#leave();
  }

  #leave(): void {
    const context = this.#context;
    this.#context = null;
    if (context !== null) this.#pool.giveBack(this, context);
  }
}

/** All that zlib gives for `bytes`. The result is a copy. */
function run(context: ZlibContext, bytes: Buffer, flush: Flush): Buffer {
  const pieces: Buffer[] = [];
  let at = 0;
  for (;;) {
    const wrong = context.run(flush, bytes, at, bytes.length, SCRATCH, SCRATCH.length);
    if (wrong !== null) throw new Error(`zlib cannot compress: ${wrong}.`);
    at = bytes.length - context.leftIn;
    const size = SCRATCH.length - context.leftOut;
    if (size > 0) pieces.push(copyOf(size));
    if (context.leftOut > 0) break;
  }
  const [only = NO_BYTES] = pieces;
  return pieces.length <= 1 ? only : Buffer.concat(pieces);
}

function copyOf(size: number): Buffer {
  const copy = allocatePayload(size);
  SCRATCH.copy(copy, 0, 0, size);
  return copy;
}
