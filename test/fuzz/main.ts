/** The command line of `npm run fuzz`: `--minutes N`, `--seed S`. Ends with 1 when anything failed. */
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { campaign, progress } from './campaign.js';

const { values } = parseArgs({ options: { minutes: { type: 'string' }, seed: { type: 'string' } } });
const minutes = Number(values.minutes ?? 1);
const seed = Number(values.seed ?? Math.floor(Math.random() * 2 ** 31));
if (!(minutes > 0) || !Number.isInteger(seed)) throw new Error('Use: npm run fuzz -- --minutes N [--seed S]');

// A stack for each of a million errors costs more than all the rest.
Error.stackTraceLimit = 0;
const corpus = join(process.cwd(), 'test/fuzz/corpus');
console.log(`Fuzzing for ${minutes} minutes with seed ${seed}.`);
const { cases, ms, failures, endings } = await campaign({ forMs: minutes * 60_000, seed, corpus, log: console.log });
for (const [code, times] of [...endings].sort((a, b) => b[1] - a[1])) {
  console.log(`${String(times).padStart(12)}  ${code === '' ? 'legal to its end' : code}`);
}
console.log(progress(cases, ms, failures.length, seed));
process.exitCode = failures.length === 0 ? 0 : 1;
