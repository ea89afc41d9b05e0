/**
 * Latencies by the million in constant memory.
 *
 * Knows: buckets that grow by the logarithm: each is at most 1 % wide, so each quantile is right to 1 %.
 * Does not know: what was measured.
 */

/** A bucket for each 1 % from 1 µs to more than an hour. */
const BUCKETS = 2_300;
const GROWTH = Math.log(1.01);
const SMALLEST_MS = 0.001;

/** Add latencies, ask for quantiles. */
export class Latencies {
  readonly #buckets = new Float64Array(BUCKETS);
  count = 0;
  #sum = 0;
  /** The largest one, exactly; 0 without any. */
  max = 0;

  /** Adds one latency in milliseconds. */
  add(ms: number): void {
    const bucket = ms <= SMALLEST_MS ? 0 : Math.ceil(Math.log(ms / SMALLEST_MS) / GROWTH);
    const at = Math.min(BUCKETS - 1, bucket);
    this.#buckets[at] = (this.#buckets[at] ?? 0) + 1;
    this.count++;
    this.#sum += ms;
    if (ms > this.max) this.max = ms;
  }

  /** The mean, or 0 without any. */
  get mean(): number {
    return this.count === 0 ? 0 : this.#sum / this.count;
  }

  /** The latency, in milliseconds, that a share `q` (0 to 1) did not exceed; 0 without any. */
  quantile(q: number): number {
    const wanted = Math.max(1, Math.ceil(q * this.count));
    let seen = 0;
    for (let at = 0; at < BUCKETS && this.count > 0; at++) {
      seen += this.#buckets[at] ?? 0;
      if (seen >= wanted) return Math.min(this.max, SMALLEST_MS * Math.exp(at * GROWTH));
    }
    return this.max;
  }
}
