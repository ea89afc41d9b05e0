/**
 * What all connections with the same settings share: their zlib contexts.
 *
 * Knows: which context a direction needs, and that equal ones can be exchanged.
 * Does not know: connections. One is made by each server, and by each client for itself.
 */
import type { DeflateAgreement, DeflateDirection } from '../agreement.js';
import type { DeflateSettings } from '../options.js';
import { AsideDeflater } from './aside.js';
import { ContextPool } from './context-pool.js';
import { Deflater } from './deflater.js';
import { Inflater } from './inflater.js';
import { LoopTurn } from './loop-turn.js';
import { assertDrivable, ZlibContext } from './zlib-context.js';

/** Contexts that hold memory now. */
export interface ContextCounts {
  /** Contexts that compress. */
  readonly deflating: number;
  /** Contexts that decompress. */
  readonly inflating: number;
}

/**
 * Takes no memory until the first message, and gives all of it back `idleReleaseMs` after the last one. Connections that
 * agreed on no context takeover use contexts only while a message is under way: for whole messages that is one for all.
 */
export class Compression {
  /** What every context is made with. */
  readonly settings: DeflateSettings;
  /**
   * How long all connections together may go on in one turn of the event loop.
   * @internal
   */
  readonly turn = new LoopTurn();
  /**
   * For long messages: not on this thread.
   * @internal
   */
  readonly aside: AsideDeflater;
  readonly #deflating = new Map<number, ContextPool>();
  readonly #inflating = new Map<number, ContextPool>();

  /** @throws UsageError on a runtime whose zlib cannot be driven. */
  constructor(settings: DeflateSettings) {
    assertDrivable();
    this.settings = settings;
    this.aside = new AsideDeflater(settings);
  }

  /**
   * What a connection sends with. It must be closed.
   * @internal
   */
  deflater({ deflate }: Pick<DeflateAgreement, 'deflate'>): Deflater {
    return new Deflater(deflate, this.#deflatePool(deflate));
  }

  /**
   * What a connection receives with. It must be closed.
   * @internal
   */
  inflater({ inflate }: Pick<DeflateAgreement, 'inflate'>): Inflater {
    const { windowBits } = inflate;
    const pool = this.#pool(this.#inflating, windowBits, () => ZlibContext.inflate(windowBits));
    return new Inflater(inflate, pool);
  }

  /** How many contexts there are now, for a gauge. A context holds 45 to 268 KB, by its settings. */
  get contexts(): ContextCounts {
    return { deflating: sizeOf(this.#deflating) + this.aside.size, inflating: sizeOf(this.#inflating) };
  }

  #deflatePool({ windowBits }: DeflateDirection): ContextPool {
    const { level, memLevel } = this.settings;
    return this.#pool(this.#deflating, windowBits, () => ZlibContext.deflate(windowBits, level, memLevel));
  }

  #pool(pools: Map<number, ContextPool>, windowBits: number, make: () => ZlibContext): ContextPool {
    const existing = pools.get(windowBits);
    if (existing !== undefined) return existing;
    const pool = new ContextPool(make, this.settings.maxContexts, this.settings.idleReleaseMs);
    pools.set(windowBits, pool);
    return pool;
  }
}

function sizeOf(pools: ReadonlyMap<number, ContextPool>): number {
  return [...pools.values()].reduce((sum, { size }) => sum + size, 0);
}
