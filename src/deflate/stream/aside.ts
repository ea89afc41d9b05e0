/**
 * Long messages, compressed on zlib's own threads while the event loop goes on.
 *
 * Knows: how many such jobs may run at once, and what they leave behind: nothing, not even a window.
 * Does not know: connections. A job that nobody wants any more gives its turn to the next; one that has begun runs to its
 * end, and its place is free again.
 */
import { availableParallelism } from 'node:os';
import type { DeflateSettings } from '../options.js';
import { AsideContext, type AsideResult } from './aside-context.js';
import { ContextPool, type Tenant } from './context-pool.js';

/**
 * Jobs at once: one for each core. One more would keep zlib's threads busy while the event loop is, for 6 % more messages of 64 KiB
 * a second, and make the loop wait for a core a third longer; each holds a zlib state of up to 268 KB.
 */
export const MOST_JOBS = Math.min(Math.max(availableParallelism(), 2), 8);

/** 00 00 ff ff, left away at the end of a message (RFC 7692 §7.2.1). */
const TAIL_BYTES = 4;

/** How the jobs compress, and how long their contexts are kept. */
export type AsideSettings = Pick<DeflateSettings, 'level' | 'memLevel' | 'idleReleaseMs'>;

/** A queue of compressions that know nothing of each other. */
export class AsideDeflater {
  readonly #settings: AsideSettings;
  /** By windowBits. Making a context costs as much as compressing some KiB. */
  readonly #pools = new Map<number, ContextPool<AsideContext>>();
  #running = 0;
  readonly #waiting: (() => void)[] = [];

  constructor(settings: AsideSettings) {
    this.#settings = settings;
  }

  /**
   * `message`, bytes or a text, as a compressed message that refers to no message before it, or null when that is not
   * smaller. Borrows bytes until then. The sender's own context must forget what came before: the peer's window has moved on.
   * Null as well when `isWanted` says false once its turn has come: thousands that have hung up keep nobody waiting.
   */
  async compress(
    message: Buffer | string,
    windowBits: number,
    isWanted: () => boolean = () => true,
  ): Promise<Buffer | null> {
    while (this.#running >= MOST_JOBS) await new Promise<void>((resolve) => this.#waiting.push(resolve));
    if (!isWanted()) {
      this.#waiting.shift()?.();
      return null;
    }
    this.#running++;
    try {
      const { plainBytes, whole } = await this.#run(message, windowBits);
      return whole.length - TAIL_BYTES < plainBytes ? whole.subarray(0, whole.length - TAIL_BYTES) : null;
    } finally {
      this.#running--;
      this.#waiting.shift()?.();
    }
  }

  /** Contexts that hold memory. */
  get size(): number {
    return [...this.#pools.values()].reduce((sum, { size }) => sum + size, 0);
  }

  async #run(message: Buffer | string, windowBits: number): Promise<AsideResult> {
    const pool = this.#poolOf(windowBits);
    const job = new Job(pool);
    try {
      const result = await job.context.run(message);
      pool.giveBack(job, job.context);
      return result;
    } catch (error) {
      pool.discard(job, job.context);
      throw error;
    }
  }

  #poolOf(windowBits: number): ContextPool<AsideContext> {
    const existing = this.#pools.get(windowBits);
    if (existing !== undefined) return existing;
    const options = { ...this.#settings, windowBits };
    const pool = new ContextPool(() => new AsideContext(options), MOST_JOBS, this.#settings.idleReleaseMs);
    this.#pools.set(windowBits, pool);
    return pool;
  }
}

/** A message under way, as the pool sees it. */
class Job implements Tenant<AsideContext> {
  readonly context: AsideContext;
  readonly isBusy = true;
  usedLately = true;

  constructor(pool: ContextPool<AsideContext>) {
    this.context = pool.take(this);
  }

  vacate(): AsideContext {
    return this.context;
  }
}
