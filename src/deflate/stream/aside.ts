/**
 * Long messages, compressed on zlib's own threads while the event loop goes on.
 *
 * Knows: how many such jobs may run at once, and what they leave behind: nothing, not even a window.
 * Does not know: connections. A job that nobody wants any more gives its turn to the next; one that has begun runs to its
 * end, and its place is free again.
 */
import { availableParallelism } from 'node:os';
import { constants, deflateRaw } from 'node:zlib';

/**
 * Jobs at once: as many as there are cores. More would only take the event loop's own time away, and each holds a zlib
 * state of up to 268 KB.
 */
export const MOST_JOBS = Math.min(Math.max(availableParallelism(), 2), 8);

/** 00 00 ff ff, left away at the end of a message (RFC 7692 §7.2.1). */
const TAIL_BYTES = 4;

/** How the jobs compress: the two of DeflateSettings that are left to choose. */
export interface AsideSettings {
  readonly level: number;
  readonly memLevel: number;
}

/** A queue of one-shot compressions. */
export class AsideDeflater {
  readonly #settings: AsideSettings;
  #running = 0;
  readonly #waiting: (() => void)[] = [];

  constructor(settings: AsideSettings) {
    this.#settings = settings;
  }

  /**
   * `payload` as a compressed message that refers to no message before it, or null when that is not smaller. Borrows
   * `payload` until then. The sender's own context must forget what came before: the peer's window has moved on.
   * Null as well when `isWanted` says false once its turn has come: thousands that have hung up keep nobody waiting.
   */
  async compress(payload: Buffer, windowBits: number, isWanted: () => boolean = () => true): Promise<Buffer | null> {
    while (this.#running >= MOST_JOBS) await new Promise<void>((resolve) => this.#waiting.push(resolve));
    if (!isWanted()) {
      this.#waiting.shift()?.();
      return null;
    }
    this.#running++;
    try {
      const whole = await this.#run(payload, windowBits);
      return whole.length - TAIL_BYTES < payload.length ? whole.subarray(0, whole.length - TAIL_BYTES) : null;
    } finally {
      this.#running--;
      this.#waiting.shift()?.();
    }
  }

  #run(payload: Buffer, windowBits: number): Promise<Buffer> {
    const { level, memLevel } = this.#settings;
    const options = {
      level,
      memLevel,
      // zlib has no raw deflate of 8 bits; zlib-context.ts says why 9 are as good.
      windowBits: Math.max(windowBits, 9),
      finishFlush: constants.Z_SYNC_FLUSH,
      chunkSize: 65_536,
    };
    return new Promise((resolve, reject) => {
      deflateRaw(payload, options, (error, whole) => (error === null ? resolve(whole) : reject(error)));
    });
  }
}
