/**
 * What figures from several rounds say, and what they do not.
 *
 * Knows: medians, quartiles, ratios taken round by round, and the noise floor.
 * Does not know: what was measured.
 */

/** @param {readonly number[]} values */
export function median(values) {
  return quantile(values, 0.5);
}

/**
 * Interpolated between the two nearest values.
 * @param {readonly number[]} values
 * @param {number} share 0 to 1.
 */
export function quantile(values, share) {
  if (values.length === 0) return Number.NaN;
  const sorted = values.toSorted((a, b) => a - b);
  const at = (sorted.length - 1) * share;
  const low = sorted[Math.floor(at)] ?? Number.NaN;
  const high = sorted[Math.ceil(at)] ?? Number.NaN;
  return low + (high - low) * (at - Math.floor(at));
}

/** @typedef {{ median: number, spread: number, rounds: number }} Summary `spread`: half the distance of the quartiles. */

/**
 * @param {readonly number[]} values
 * @returns {Summary}
 */
export function summary(values) {
  const spread = (quantile(values, 0.75) - quantile(values, 0.25)) / 2;
  return { median: median(values), spread, rounds: values.length };
}

/**
 * The ratio of each round: what disturbs a round disturbs both sides of it.
 * @param {readonly number[]} ours
 * @param {readonly number[]} theirs
 * @returns {Summary}
 */
export function ratio(ours, theirs) {
  const rounds = Math.min(ours.length, theirs.length);
  return summary(ours.slice(0, rounds).map((value, round) => value / (theirs[round] ?? Number.NaN)));
}

/**
 * How far the base is from itself: its median distance from 1, or the spread of that, whichever is larger.
 * @param {readonly number[]} base
 * @param {readonly number[]} again
 */
export function noiseFloor(base, again) {
  const against = ratio(base, again);
  const distances = base.slice(0, against.rounds).map((value, round) => Math.abs(value / (again[round] ?? 0) - 1));
  return Math.max(median(distances), against.spread);
}

/** No claim under three times the noise. */
export const CLAIM = 3;
