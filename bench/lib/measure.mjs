/**
 * A lap of work, timed: tinybench inside one process.
 *
 * Knows: warming up, and that the mean is what counts (the garbage of a lap is part of its cost).
 * Does not know: the work. A lap should take at least some tens of microseconds, so that the clock costs nothing.
 */
import { Bench } from 'tinybench';

/**
 * @typedef {object} Lap
 * @property {() => unknown} run One lap; always returns a promise when it is asynchronous.
 * @property {boolean} [isAsync]
 * @property {number} operations What a lap does: calls, frames, messages.
 * @property {number} bytes Payload bytes of a lap.
 * @property {() => unknown} check Throws when the work gives a wrong result. Called once, before the time is taken.
 * @property {(() => Promise<void>) | undefined} [between] What comes before each lap, and is not timed.
 * @property {boolean} [once] The lap is long: one warm-up and at least one timed run, whatever the time.
 */

/**
 * @param {Lap} lap
 * @param {{ turnMs: number, warmMs: number }} times
 * @returns {Promise<import('./compete.mjs').Measured>}
 */
export async function measure(lap, { turnMs, warmMs }) {
  await lap.check();
  const bench = new Bench({
    time: lap.once ? 1 : turnMs,
    iterations: 1,
    warmupTime: lap.once ? 0 : warmMs,
    warmupIterations: lap.once ? 0 : 1,
    throws: true,
  });
  bench.add('lap', lap.run, {
    async: lap.isAsync ?? false,
    ...(lap.between === undefined ? {} : { beforeEach: lap.between }),
  });
  const [task] = await bench.run();
  const result = /** @type {{ latency?: { mean: number } } | undefined} */ (task?.result);
  const milliseconds = result?.latency?.mean;
  if (milliseconds === undefined || !(milliseconds > 0)) throw new Error('no time was measured');
  return {
    perSecond: (lap.operations / milliseconds) * 1_000,
    bytesPerSecond: (lap.bytes / milliseconds) * 1_000,
    nsPerOperation: (milliseconds * 1e6) / lap.operations,
    nsPerByte: (milliseconds * 1e6) / Math.max(1, lap.bytes),
  };
}
