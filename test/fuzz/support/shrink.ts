/** Smaller cases that fail as well: fewer bytes, then fewer cuts. Greedy, for wires of a few hundred bytes. */
import type { FuzzCase } from './fuzz-case.js';

/** The smallest case found that still `fails`. */
export async function shrunk(start: FuzzCase, fails: (one: FuzzCase) => Promise<boolean>): Promise<FuzzCase> {
  let best = start;
  for (let size = Math.ceil(start.wire.length / 2); size > 0; size = size === 1 ? 0 : Math.ceil(size / 2)) {
    for (let at = 0; at < best.wire.length; ) {
      const smaller = without(best, at, size);
      if (await fails(smaller)) best = smaller;
      else at += size;
    }
  }
  for (const cut of best.cuts) {
    const smaller = { ...best, cuts: best.cuts.filter((one) => one !== cut) };
    if (await fails(smaller)) best = smaller;
  }
  return best;
}

function without({ wire, cuts, ...recipient }: FuzzCase, at: number, size: number): FuzzCase {
  const shorter = Buffer.concat([wire.subarray(0, at), wire.subarray(at + size)]);
  const moved = cuts.map((cut) => Math.min(cut <= at ? cut : Math.max(at, cut - size), shorter.length));
  return { ...recipient, wire: shorter, cuts: moved };
}
