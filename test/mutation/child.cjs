/**
 * Runs one bundle of unit tests in a process of its own: `node child.cjs BUNDLE TIMES`. Ends with 1 at the first failure.
 *
 * Knows: how to run jest's tests without the rest of jest, the quick ones first; that the same properties must see the same
 * values for each mutant.
 * Does not know: mutants.
 */
const { existsSync, readFileSync, writeFileSync } = require('node:fs');
const { ModernFakeTimers } = require('@jest/fake-timers');
const { expect } = require('expect');
const fc = require('fast-check');
const { addEventHandler, getState, run, ...globals } = require('jest-circus');

const [, , bundle, times] = process.argv;
const isFirst = !existsSync(times);
/** Milliseconds by the whole name of a test, of the first run: the one without a mutant. */
const took = isFirst ? {} : JSON.parse(readFileSync(times, 'utf8'));

/** What does not end is given up soon; what is slow without a mutant has its time. */
getState().testTimeout = isFirst ? 120_000 : 2_000 + 5 * Math.max(...Object.values(took));
fc.configureGlobal({ seed: 20_261_124, endOnFailure: true });
const jest = new ModernFakeTimers({ global: globalThis, config: { fakeTimers: {} } });
Object.assign(globalThis, globals, { expect, jest });

const nameOf = (block) => (block.parent ? `${nameOf(block.parent)} ${block.name}` : '');
const costOf = (block) =>
  block.type === 'test' ? (took[nameOf(block)] ?? 0) : block.children.reduce((sum, child) => sum + costOf(child), 0);
const sort = (block) => {
  block.children?.sort((a, b) => costOf(a) - costOf(b)).forEach(sort);
};

addEventHandler((event, state) => {
  if (event.name === 'run_start') sort(state.rootDescribeBlock);
  if (event.name !== 'test_done') return;
  took[nameOf(event.test)] = event.test.duration;
  if (event.test.errors.length === 0) return;
  const [[error]] = event.test.errors;
  console.log(`${nameOf(event.test)}: ${error?.message}`);
  process.exit(1);
});

require(bundle);
run().then(() => {
  if (Object.keys(took).length === 0) throw new Error('no test ran');
  if (isFirst) writeFileSync(times, JSON.stringify(took));
  process.exit(0);
});
