/**
 * A fuzzing campaign: seeds from a start, one after the other, for a while.
 *
 * Knows: how to count, to report progress, to shrink what fails and to write it down.
 * Does not know: how a case is made or judged.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { caseOf, type FuzzCase } from './support/fuzz-case.js';
import { type Implementation, judge } from './support/judge.js';
import { shrunk } from './support/shrink.js';

/** A case in the corpus: what was found, in a form that survives changes of the generator. */
export interface CorpusEntry {
  readonly why: string;
  readonly role: FuzzCase['role'];
  readonly limitBytes: number;
  /** What permessage-deflate was agreed on for the recipient; absent without it. */
  readonly deflate?: FuzzCase['deflate'];
  /** The wire as hex. */
  readonly wire: string;
  readonly cuts: readonly number[];
}

export interface CampaignOptions {
  /** Milliseconds to run for. */
  readonly forMs: number;
  /** Case number n has the seed `seed + n`, wrapped to 32 bits. */
  readonly seed: number;
  /** Where what fails is written to; null: nowhere. */
  readonly corpus: string | null;
  readonly log: (line: string) => void;
  /** Default: the codec of src. */
  readonly ours?: Implementation;
  /** Failures after which there is nothing more to learn. Default 10. */
  readonly mostFailures?: number;
}

export interface CampaignResult {
  /** Wires; each one goes through our parser twice, through ws and through the reference once. */
  readonly cases: number;
  readonly ms: number;
  readonly failures: readonly CorpusEntry[];
  /** How often each violation ended a wire; the empty name is for legal ones. */
  readonly endings: ReadonlyMap<string, number>;
}

/** Cases between two looks at the clock. */
const BATCH = 512;
const PROGRESS_MS = 5_000;

/** Runs until the time is over, or until too much has failed. */
export async function campaign(options: CampaignOptions): Promise<CampaignResult> {
  const { forMs, seed, corpus, log, ours, mostFailures = 10 } = options;
  const started = Date.now();
  const endings = new Map<string, number>();
  const failures: CorpusEntry[] = [];
  let cases = 0;
  for (
    let reported = started, now = started;
    now - started < forMs && failures.length < mostFailures;
    now = Date.now()
  ) {
    for (let i = 0; i < BATCH && failures.length < mostFailures; i++) {
      const one = caseOf((seed + cases++) | 0);
      const { outcome, fault } = await judge(one, ours);
      endings.set(outcome.code, (endings.get(outcome.code) ?? 0) + 1);
      if (fault !== null) failures.push(await written(one, corpus, log, ours));
    }
    if (now - reported < PROGRESS_MS) continue;
    reported = now;
    log(progress(cases, now - started, failures.length, seed));
  }
  return { cases, ms: Date.now() - started, failures, endings };
}

/** One line: how many, how fast, how many failed, where to begin again. */
export function progress(cases: number, ms: number, failures: number, seed: number): string {
  const rate = Math.round((cases * 2_000) / Math.max(ms, 1));
  return `${(ms / 1000).toFixed(0)} s, ${cases} wires, ${cases * 2} parser runs, ${rate}/s, ${failures} failed, seed ${seed}`;
}

async function written(
  found: FuzzCase,
  corpus: string | null,
  log: CampaignOptions['log'],
  ours?: Implementation,
): Promise<CorpusEntry> {
  const small = await shrunk(found, async (one) => (await judge(one, ours)).fault !== null);
  const why = (await judge(small, ours)).fault ?? '';
  const entry: CorpusEntry = {
    why,
    role: small.role,
    limitBytes: small.limitBytes,
    ...(small.deflate === null ? {} : { deflate: small.deflate }),
    wire: small.wire.toString('hex'),
    cuts: small.cuts,
  };
  log(`FAILED, to a ${entry.role}: ${entry.wire} cut at ${entry.cuts.join(', ')}\n${why}`);
  if (corpus === null) return entry;
  mkdirSync(corpus, { recursive: true });
  writeFileSync(join(corpus, `${entry.role}-${entry.wire.slice(0, 40)}.json`), `${JSON.stringify(entry, null, 2)}\n`);
  return entry;
}
