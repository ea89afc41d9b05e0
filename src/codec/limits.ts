/**
 * Options, judged once.
 *
 * Knows: which numbers are a size, a time or a count; that a bad one is the caller's mistake, a UsageError that names it.
 * Does not know: which options there are, or their defaults.
 */
import { UsageError } from '../errors.js';

/** The options object itself. */
export function optionsOf<T extends object>(owner: string, options: T | undefined): T {
  if (typeof options === 'object' && options !== null) return options;
  throw new UsageError(`${owner} needs an options object.`);
}

/** A limit in bytes: a non-negative integer, or Infinity for none. */
export function byteLimit(name: string, value: number | undefined, fallback: number): number {
  return limit(name, value, fallback, 'bytes', 0);
}

/** A duration in milliseconds: a positive integer that a timer can hold, or Infinity for none. */
export function milliseconds(name: string, value: number | undefined, fallback: number): number {
  const checked = limit(name, value, fallback, 'milliseconds', 1);
  // Node's timers hold 31 bits; a longer delay would fire at once.
  if (checked !== Infinity && checked > 2 ** 31 - 1) throw new UsageError(`${name} is at most 2147483647 or Infinity.`);
  return checked;
}

/** A count: a positive integer, or Infinity. */
export function count(name: string, value: number | undefined, fallback: number): number {
  return limit(name, value, fallback, 'items', 1);
}

function limit(name: string, value: number | undefined, fallback: number, unit: string, least: number): number {
  if (value === undefined) return fallback;
  if (value === Infinity || (Number.isSafeInteger(value) && value >= least)) return value;
  throw new UsageError(`${name} is a number of ${unit}, a whole one from ${least} up, or Infinity.`);
}

/** One of a few words. */
export function oneOf<T extends string>(name: string, value: T, words: readonly NoInfer<T>[]): T {
  if (words.includes(value)) return value;
  throw new UsageError(`${name} is one of ${words.map((word) => `'${word}'`).join(', ')}.`);
}
