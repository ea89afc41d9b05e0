/**
 * Where masking keys come from (RFC 6455 §5.3, §10.3). They need a strong source of entropy, and each frame a fresh one.
 */
import { randomFillSync } from 'node:crypto';

/** Gives a fresh masking key, as a 32-bit integer, at each call. */
export type MaskKeySource = () => number;

/** Keys drawn at once: one call for 1,024 keys costs about twice one for a single key. */
const BATCH = 1_024;

/** Keys from the operating system's generator. Each is handed out once and wiped. */
class KeyStock {
  #keys = new Int32Array(0);
  #next = 0;

  draw(): number {
    if (this.#next === this.#keys.length) this.#refill();
    const key = this.#keys[this.#next] as number;
    this.#keys[this.#next++] = 0;
    return key;
  }

  #refill(): void {
    if (this.#keys.length === 0) this.#keys = new Int32Array(BATCH);
    randomFillSync(this.#keys);
    this.#next = 0;
  }
}

/** One stock for all connections: 4 KiB, taken at the first key. */
const STOCK = new KeyStock();

/** A key from the operating system's generator. */
export const randomMaskKey: MaskKeySource = () => STOCK.draw();
