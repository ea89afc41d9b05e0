/**
 * One deflate stream of Node's, kept from message to message: it works on zlib's own threads.
 *
 * Knows: that a write comes back when all of its output is there, because each one ends in a flush; how a text gets there
 * without as much memory again for its bytes.
 * Does not know: how many there are, whose turn it is (aside.ts).
 */
import { Buffer } from 'node:buffer';
import { constants, createDeflateRaw, type DeflateRaw } from 'node:zlib';
import { detach, NO_BYTES } from '../../codec/bytes.js';
import { encodeUtf8Into } from '../../codec/utf8.js';

/** How messages are compressed. `windowBits` is 8 to 15, as in the agreement. */
export interface AsideOptions {
  readonly windowBits: number;
  readonly level: number;
  readonly memLevel: number;
}

/** Output memory that zlib is given at a time. */
const CHUNK_BYTES = 65_536;

/**
 * Bytes, or UTF-16 units of a text, that are handed over at a time: 1 to 2 ms of work for a thread, and as long may the event loop
 * have to wait for a core. Steps of 128 Ki give 7 % more messages of 1 MiB and a delay that is a fifth longer; of 48 Ki 15 % fewer
 * of 64 KiB, and a tenth shorter.
 */
const STEP = 65_536;

/** What became of a message. */
export interface AsideResult {
  /** Its bytes before. */
  readonly plainBytes: number;
  /** Compressed, and flushed. */
  readonly whole: Buffer;
}

/** Takes its memory with the first message: up to 268 KB, a chunk, and for texts their longest step. Must be closed. */
export class AsideContext {
  readonly #stream: DeflateRaw;
  #pieces: Buffer[] = [];
  /** Where steps of texts are encoded: zlib reads one of them at a time. */
  #step: Buffer = NO_BYTES;
  #failed: ((error: Error) => void) | null = null;

  constructor({ windowBits, level, memLevel }: AsideOptions) {
    this.#stream = createDeflateRaw({
      level,
      memLevel,
      // zlib has no raw deflate of 8 bits; zlib-context.ts says why 9 are as good.
      windowBits: Math.max(windowBits, 9),
      flush: constants.Z_SYNC_FLUSH,
      chunkSize: CHUNK_BYTES,
    });
    this.#stream.on('data', (piece: Buffer) => this.#pieces.push(piece));
    this.#stream.on('error', (error) => this.#failed?.(error));
  }

  /** Compresses `message`; borrows its bytes until then. One at a time. After a rejection only `close` makes sense. */
  async run(message: Buffer | string): Promise<AsideResult> {
    let plainBytes = 0;
    let at = 0;
    do {
      const end = stepEnd(message, at);
      const step = typeof message === 'string' ? this.#encoded(message.slice(at, end)) : message.subarray(at, end);
      plainBytes += await this.#write(step);
      at = end;
    } while (at < message.length);
    return { plainBytes, whole: this.#take() };
  }

  /** Forgets its window: the next message refers to nothing before it. */
  reset(): void {
    this.#stream.reset();
  }

  /** Frees its memory now. */
  close(): void {
    this.#stream.close();
  }

  #write(bytes: Buffer): Promise<number> {
    return new Promise((resolve, reject) => {
      this.#failed = reject;
      this.#stream.write(bytes, (error) => (error ? reject(error) : resolve(bytes.length)));
    });
  }

  #encoded(step: string): Buffer {
    const size = Buffer.byteLength(step);
    if (this.#step.length < size) this.#step = Buffer.allocUnsafeSlow(size);
    return encodeUtf8Into(this.#step, step, size);
  }

  /** Pieces lie in a chunk that other messages are in as well: a small one is copied, so as not to hold on to it. */
  #take(): Buffer {
    const pieces = this.#pieces;
    this.#pieces = [];
    const [only] = pieces;
    return only !== undefined && pieces.length === 1 ? detach(only, 0, only.length) : Buffer.concat(pieces);
  }
}

/** Where the step from `at` on ends: never between the halves of a character. */
function stepEnd(message: Buffer | string, at: number): number {
  const end = Math.min(at + STEP, message.length);
  if (typeof message !== 'string' || end === message.length) return end;
  const last = message.charCodeAt(end - 1);
  return last >= 0xd800 && last <= 0xdbff ? end - 1 : end;
}
