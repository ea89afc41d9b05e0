/**
 * One zlib state, driven synchronously in steps of any size.
 *
 * Knows: Node's native handle behind `zlib.createInflateRaw()` and `createDeflateRaw()`: its synchronous call with memory
 * of ours, its two counters, its error report. This is the only file that relies on them (docs/adr/0005); they are
 * the same in Node 20 to 26, minizlib and so npm itself live on the handle, and `assertDrivable` says when they are gone.
 * Does not know: messages.
 */
import { Buffer } from 'node:buffer';
import zlib from 'node:zlib';
import { Views } from '../../codec/bytes.js';
import { UsageError } from '../../errors.js';

/** What zlib is asked to do with its output: keep it back, give all of it, stop after the next block (zlib.h). */
export const Flush = {
  none: zlib.constants.Z_NO_FLUSH,
  sync: zlib.constants.Z_SYNC_FLUSH,
  block: zlib.constants.Z_BLOCK,
} as const;

export type Flush = (typeof Flush)[keyof typeof Flush];

interface NativeHandle {
  writeSync(flush: number, from: Buffer, at: number, size: number, to: Buffer, toAt: number, room: number): void;
  reset(): void;
  close(): void;
  onerror: (message: string, errno: number, code: string) => void;
}

interface DrivableStream {
  readonly _handle: NativeHandle;
  /** Room left in the output, bytes left of the input. */
  readonly _writeState: Uint32Array;
  _outBuffer: Buffer;
}

/** The most plain bytes that go into or come out of zlib in one call: 64 KiB, about 2 ms of deflating. */
export const SLICE_BYTES = 65_536;

/**
 * Memory that zlib writes into before its output is copied to where it belongs: a slice, also one that grew by being
 * compressed (5 bytes a 16 KiB at most, and a flush). One for all: calls are synchronous, so two never overlap, and
 * nobody reads more of it than the call before has written. It holds memory, not state.
 */
export const SCRATCH: Buffer = Buffer.allocUnsafeSlow(SLICE_BYTES + 1_024);

/** What may be kept of SCRATCH: copies. */
export const SCRATCH_VIEWS: Views = new Views(SCRATCH, Infinity);

const NO_BYTES: Buffer = Buffer.alloc(0);

/** zlib demands at least so much output memory for a stream; ours is never used. */
const SMALLEST_CHUNK_BYTES = 64;

/** Memory is taken at the first `run`. Must be closed; one that is lost without is freed with its object. */
export class ZlibContext {
  #native: NativeHandle | null;
  readonly #state: Uint32Array;
  #failure: string | null = null;

  constructor(stream: zlib.InflateRaw | zlib.DeflateRaw) {
    const drivable = stream as unknown as DrivableStream;
    this.#native = drivable._handle;
    this.#state = drivable._writeState;
    drivable._outBuffer = NO_BYTES;
    // Instead of Node's own handler, which would destroy the stream and emit 'error' there, where nobody listens.
    this.#native.onerror = (message) => {
      this.#failure = message;
    };
  }

  /** zlib cannot inflate with 8 bits what others call 8; one bit more costs 256 bytes and accepts both. */
  static inflate(windowBits: number): ZlibContext {
    return new ZlibContext(
      zlib.createInflateRaw({ windowBits: Math.max(windowBits, 9), chunkSize: SMALLEST_CHUNK_BYTES }),
    );
  }

  /**
   * zlib has no raw deflate of 8 bits and takes 9 instead. It never refers further back than its window less 262 bytes,
   * so with 9 bits at most 250 bytes, which is legal with 8 as well (a test checks every distance).
   */
  static deflate(windowBits: number, level: number, memLevel: number): ZlibContext {
    const options = { windowBits: Math.max(windowBits, 9), level, memLevel, chunkSize: SMALLEST_CHUNK_BYTES };
    return new ZlibContext(zlib.createDeflateRaw(options));
  }

  get isClosed(): boolean {
    return this.#native === null;
  }

  /** After `run`: bytes of its output memory that were not filled. */
  get leftOut(): number {
    return this.#state[0] as number;
  }

  /** After `run`: bytes of its input that were not taken. */
  get leftIn(): number {
    return this.#state[1] as number;
  }

  /**
   * Reads `from[start, end)` and writes into `to[0, room)` until one of them is used up or a deflate stream ends.
   * Returns null, or zlib's sentence about what is wrong with the input; then only `reset` and `close` make sense.
   * Throws when the context is closed.
   */
  run(flush: Flush, from: Buffer, start: number, end: number, to: Buffer, room: number): string | null {
    if (this.#native === null) throw new Error('This zlib context is closed.');
    this.#native.writeSync(flush, from, start, end - start, to, 0, room);
    return this.#failure;
  }

  /** Forgets its window and everything else; as new, without taking memory again. */
  reset(): void {
    this.#failure = null;
    this.#native?.reset();
  }

  /** Frees its memory now. Closing twice is nothing. */
  close(): void {
    this.#native?.close();
    this.#native = null;
  }
}

/** @throws UsageError on a runtime whose zlib cannot be driven this way: to be called where options are parsed. */
export function assertDrivable(): void {
  try {
    if (roundTrips()) return;
  } catch {
    // The sentence below says all that there is to say.
  }
  throw new UsageError('deflate needs the zlib of Node 20 or later; this runtime has another one.');
}

function roundTrips(): boolean {
  const plain = Buffer.from('framepipe framepipe framepipe');
  const [small, out] = [Buffer.alloc(64), Buffer.alloc(64)];
  const deflater = ZlibContext.deflate(15, 6, 1);
  const inflater = ZlibContext.inflate(15);
  deflater.run(Flush.sync, plain, 0, plain.length, small, small.length);
  inflater.run(Flush.sync, small, 0, small.length - deflater.leftOut, out, out.length);
  const back = out.subarray(0, out.length - inflater.leftOut);
  inflater.reset();
  const refuses = inflater.run(Flush.sync, Buffer.alloc(4, 0xff), 0, 4, out, out.length) !== null;
  deflater.close();
  inflater.close();
  return refuses && back.equals(plain);
}
