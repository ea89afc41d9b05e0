/**
 * The process of one contestant of a micro benchmark: `node worker.mjs <module>`.
 *
 * Knows: that the module exports `lap(case)`, which makes a Lap (measure.mjs).
 * Does not know: any module.
 */
import { answer } from './answers.mjs';
import { measure } from './measure.mjs';

const { lap } = await import(new URL(`../contestants/${process.argv[2]}.mjs`, import.meta.url).href);

answer({
  measure: async ({ one, times }) => measure(await lap(one), times),
});
