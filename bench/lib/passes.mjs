/**
 * How long to look: the three passes of every suite.
 *
 * Knows: rounds, and the milliseconds of a turn. `size` lets a suite leave out what a short pass has no time for.
 * Does not know: any suite.
 */

/** @typedef {{ name: 'smoke' | 'quick' | 'full', rounds: number, turnMs: number, warmMs: number, size: 0 | 1 | 2 }} Pass */

/** @type {Readonly<Record<'smoke' | 'quick' | 'full', Pass>>} */
export const PASSES = {
  /** Does it run at all, and is its result right? The times mean nothing. */
  smoke: { name: 'smoke', rounds: 1, turnMs: 20, warmMs: 10, size: 0 },
  quick: { name: 'quick', rounds: 3, turnMs: 150, warmMs: 200, size: 1 },
  full: { name: 'full', rounds: 7, turnMs: 800, warmMs: 1_000, size: 2 },
};
