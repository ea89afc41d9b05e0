/**
 * Contestants against each other, in one run.
 *
 * Knows: rounds (fresh processes in each), turns (A B C, then C B A), and that the first contestant runs twice: the
 * difference between it and itself is the noise.
 * Does not know: what is measured.
 */

/** @typedef {Record<string, number>} Measured What one turn gave: rates, times, bytes. */
/** @typedef {{ id: string, title?: string, [more: string]: unknown }} Case */
/** @typedef {{ id: string, label: string, takes?: (one: any) => boolean, [more: string]: unknown }} Contestant */
/** @typedef {Record<string, Record<string, Measured[]>>} Figures By case, by contestant, one entry a round. */

/** The second run of the base. */
export const AGAIN = ' (again)';

/**
 * @template Handle
 * @param {object} plan
 * @param {readonly Contestant[]} plan.contestants The first one is the base.
 * @param {readonly Case[]} plan.cases
 * @param {number} plan.rounds
 * @param {(contestant: any) => Promise<Handle>} plan.open Starts what a contestant runs in.
 * @param {(handle: Handle, one: any) => Promise<Measured>} plan.measure One turn.
 * @param {(handle: Handle) => Promise<void>} plan.close
 * @param {(done: number, of: number, what: string) => void} plan.progress
 * @returns {Promise<Figures>}
 */
export async function compete({ contestants, cases, rounds, open, measure, close, progress }) {
  const entries = withBaseTwice(contestants);
  /** @type {Figures} */
  const figures = Object.fromEntries(cases.map(({ id }) => [id, {}]));
  const turns = rounds * cases.length * entries.length;
  let turn = 0;
  for (let round = 0; round < rounds; round++) {
    const handles = await openAll(entries, open);
    try {
      for (const one of cases) {
        for (const { key, contestant, handle } of round % 2 === 0 ? handles : handles.toReversed()) {
          progress(turn++, turns, `${one.id} ${key}`);
          if (contestant.takes?.(one) === false) continue;
          const measured = await measure(handle, one);
          const byContestant = figures[one.id] ?? {};
          byContestant[key] = [...(byContestant[key] ?? []), measured];
        }
      }
    } finally {
      await Promise.all(handles.map(({ handle }) => close(handle)));
    }
  }
  return figures;
}

/** @param {readonly Contestant[]} contestants */
function withBaseTwice(contestants) {
  const [base] = contestants;
  const entries = contestants.map((contestant) => ({ key: contestant.id, contestant }));
  return base === undefined ? entries : [...entries, { key: base.id + AGAIN, contestant: base }];
}

/**
 * One by one: starting is work, and should not disturb anybody.
 * @template Handle
 * @param {{ key: string, contestant: Contestant }[]} entries
 * @param {(contestant: Contestant) => Promise<Handle>} open
 */
async function openAll(entries, open) {
  const handles = [];
  for (const entry of entries) handles.push({ ...entry, handle: await open(entry.contestant) });
  return handles;
}
