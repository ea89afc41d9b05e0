/**
 * One deflate stream of Node's, kept from message to message: it works on zlib's own threads.
 *
 * Knows: that a write comes back when all of its output is there, because each one ends in a flush.
 * Does not know: how many there are, whose turn it is (aside.ts).
 */
import { constants, createDeflateRaw, type DeflateRaw } from 'node:zlib';
import { detach } from '../../codec/bytes.js';

/** How messages are compressed. `windowBits` is 8 to 15, as in the agreement. */
export interface AsideOptions {
  readonly windowBits: number;
  readonly level: number;
  readonly memLevel: number;
}

/** Output memory that zlib is given at a time. */
const CHUNK_BYTES = 65_536;

/** Takes its memory with the first message, up to 268 KB and a chunk. Must be closed. */
export class AsideContext {
  readonly #stream: DeflateRaw;
  #pieces: Buffer[] = [];
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

  /**
   * `payload`, compressed and flushed; borrows it until then. One at a time. After a rejection only `close` makes sense.
   */
  run(payload: Buffer): Promise<Buffer> {
    return new Promise((resolve, reject) => {
      this.#failed = reject;
      this.#stream.write(payload, (error) => (error ? reject(error) : resolve(this.#take())));
    });
  }

  /** Forgets its window: the next message refers to nothing before it. */
  reset(): void {
    this.#stream.reset();
  }

  /** Frees its memory now. */
  close(): void {
    this.#stream.close();
  }

  /** Pieces lie in a chunk that other messages are in as well: a small one is copied, so as not to hold on to it. */
  #take(): Buffer {
    const pieces = this.#pieces;
    this.#pieces = [];
    const [only] = pieces;
    return only !== undefined && pieces.length === 1 ? detach(only, 0, only.length) : Buffer.concat(pieces);
  }
}
