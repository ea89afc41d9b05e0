/**
 * zlib contexts for many connections, most of which are idle.
 *
 * Knows: who has a context, who used it lately, and whom to take one from when there are enough of them or time is up.
 * Does not know: what a context holds. Its tenant saves what must outlive it.
 */
import type { ZlibContext } from './zlib-context.js';

/** Tenants that one search for a context looks at, at most: it is in the way of a message. */
const MAX_LOOKS = 512;

/** What can be lent: a state of zlib, on this thread or on another one. */
export interface Context {
  reset(): void;
  close(): void;
}

/** Somebody who needs a context while a message is under way, and may lose it between two messages. */
export interface Tenant<Lent extends Context = ZlibContext> {
  /** Set by the tenant whenever it uses its context, cleared by the pool: the difference is idleness. */
  usedLately: boolean;
  /** True while a message is under way: its context cannot be taken. */
  readonly isBusy: boolean;
  /** Must give up its context, having saved from it what it needs. Never called while it is busy. */
  vacate(): Lent;
}

/**
 * Keeps at most `limit` contexts between messages; messages under way may need more. The longest unused go first (by
 * second chance: a look at each in turn). Until `idleMs` to twice as long after its last use a context stays.
 */
export class ContextPool<Lent extends Context = ZlibContext> {
  readonly #make: () => Lent;
  readonly #limit: number;
  readonly #idleMs: number;
  /** Each tenant that has a context, in the order in which they are looked at. */
  readonly #tenants = new Set<Tenant<Lent>>();
  /** Contexts without a tenant, as good as new. */
  #free: Lent[] = [];
  #timer: NodeJS.Timeout | null = null;

  constructor(make: () => Lent, limit: number, idleMs: number) {
    this.#make = make;
    this.#limit = limit;
    this.#idleMs = idleMs;
  }

  /** Contexts that hold memory. */
  get size(): number {
    return this.#tenants.size + this.#free.length;
  }

  /** A context as good as new, for a tenant that has none. */
  take(tenant: Tenant<Lent>): Lent {
    // More than enough, because messages were under way when others began: one goes besides the one that moves.
    if (this.#tenants.size > this.#limit) this.#evict()?.close();
    const context = this.#free.pop() ?? (this.#tenants.size >= this.#limit ? this.#evict() : null) ?? this.#make();
    tenant.usedLately = true;
    this.#tenants.add(tenant);
    this.#watch();
    return context;
  }

  /** Takes back a context whose tenant has no more use for it. */
  giveBack(tenant: Tenant<Lent>, context: Lent): void {
    this.#tenants.delete(tenant);
    this.#keep(context);
  }

  /** A context that failed: it is closed. */
  discard(tenant: Tenant<Lent>, context: Lent): void {
    this.#tenants.delete(tenant);
    context.close();
  }

  /** Takes one context that nobody is in the middle of; null when a bounded look finds none. */
  #evict(): Lent | null {
    let looks = Math.min(this.#tenants.size * 2, MAX_LOOKS);
    for (const tenant of this.#tenants) {
      if (looks-- === 0) return null;
      if (!tenant.isBusy && !tenant.usedLately) return this.#vacate(tenant);
      // A second chance: to the end of the line, where this loop comes by again.
      tenant.usedLately = false;
      this.#tenants.delete(tenant);
      this.#tenants.add(tenant);
    }
    return null;
  }

  #vacate(tenant: Tenant<Lent>): Lent {
    this.#tenants.delete(tenant);
    const context = tenant.vacate();
    context.reset();
    return context;
  }

  #keep(context: Lent): void {
    if (this.size >= this.#limit) {
      context.close();
      return;
    }
    context.reset();
    this.#free.push(context);
  }

  #watch(): void {
    if (this.#timer !== null || this.#idleMs === Infinity) return;
    this.#timer = setTimeout(() => this.#sweep(), this.#idleMs).unref();
  }

  /** Closes what nobody has used since the last sweep. Goes on as long as there is anything to close. */
  #sweep(): void {
    this.#timer = null;
    for (const context of this.#free) context.close();
    this.#free = [];
    for (const tenant of this.#tenants) {
      if (!tenant.isBusy && !tenant.usedLately) this.#vacate(tenant).close();
      tenant.usedLately = false;
    }
    if (this.#tenants.size > 0) this.#watch();
  }
}
