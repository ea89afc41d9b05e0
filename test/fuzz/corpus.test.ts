/** What fuzzing has found, and the first thousands of seeds, through our codec, ws and the reference model. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type CorpusEntry, campaign, progress } from './campaign.js';
import { caseOf } from './support/fuzz-case.js';
import { DIFFERENCES, type Implementation, judge, ODDITIES } from './support/judge.js';
import { ours } from './support/ours.js';
import { shrunk } from './support/shrink.js';

const FOLDER = join(__dirname, 'corpus');
const entries = readdirSync(FOLDER).map((name) => {
  const entry: CorpusEntry = JSON.parse(readFileSync(join(FOLDER, name), 'utf8'));
  return { name, deflate: null, ...entry, wire: Buffer.from(entry.wire, 'hex') };
});

/** A codec with a bug: it takes everything for legal that ends with this code. */
const forgiving = (code: string): Implementation => {
  return (recipient, chunks) => {
    const outcome = ours(recipient, chunks);
    return outcome.code === code ? { ...outcome, closeCode: 0, code: '' } : outcome;
  };
};

test.each(entries)('$name: $why', async (entry) => {
  expect((await judge(entry)).fault).toBeNull();
});

test('10,000 seeds: every cut gives the same, and so do ws and the reference', async () => {
  const faults: string[] = [];
  const endings = new Set<string>();
  for (let seed = 0; seed < 10_000; seed++) {
    const { outcome, fault } = await judge(caseOf(seed));
    endings.add(outcome.code);
    if (fault !== null) faults.push(`seed ${seed}: ${fault}`);
  }
  expect(faults).toEqual([]);
  // The generator reaches every violation of wires, and legal ends.
  expect(endings.size).toBeGreaterThanOrEqual(16);
}, 60_000);

test('a seed is a case, always the same', () => {
  expect(caseOf(77)).toEqual(caseOf(77));
  const { wire, cuts } = caseOf(77);
  expect(cuts.every((cut) => cut >= 0 && cut <= wire.length)).toBe(true);
});

test.each([
  'ERR_WS_RESERVED_BIT',
  'ERR_WS_CONTROL_TOO_LONG',
  'ERR_WS_LENGTH_NOT_MINIMAL',
  'ERR_WS_INVALID_UTF8',
  'ERR_WS_INVALID_DEFLATE',
])(
  'a codec that overlooks %s is found out, with a wire of a few bytes',
  async (code) => {
    const lines: string[] = [];
    const run = {
      forMs: 60_000,
      seed: 5,
      corpus: null,
      log: (line: string) => lines.push(line),
      ours: forgiving(code),
    };
    const { failures } = await campaign(run);
    expect(failures).toHaveLength(10);
    expect(Math.min(...failures.map(({ wire }) => wire.length / 2))).toBeLessThanOrEqual(14);
    expect(lines[0]).toContain(`FAILED, to a ${failures[0]?.role}: ${failures[0]?.wire}`);
  },
  60_000,
);

test('a codec that forgets where it was between two chunks is found out', async () => {
  const forgetful: Implementation = (recipient, chunks) => {
    const last = chunks.at(-1);
    return ours(recipient, chunks.length > 2 && last !== undefined ? chunks.slice(0, -1) : chunks);
  };
  const { failures } = await campaign({
    forMs: 60_000,
    seed: 5,
    corpus: null,
    log: () => {},
    ours: forgetful,
    mostFailures: 2,
  });
  expect(failures[0]?.why).toContain('the same wire, cut');
});

test('shrinking keeps what fails and drops the rest', async () => {
  const one = {
    role: 'client',
    limitBytes: 10,
    deflate: null,
    wire: Buffer.from('00112233445566', 'hex'),
    cuts: [1, 4, 6],
  } as const;
  const small = await shrunk(one, async ({ wire }) => wire.includes(0x44));
  expect(small).toEqual({ ...one, wire: Buffer.from([0x44]), cuts: [] });
});

test('progress says how many, how fast, and where to begin again', () => {
  expect(progress(50_000, 2_000, 1, 7)).toBe('2 s, 50000 wires, 100000 parser runs, 50000/s, 1 failed, seed 7');
});

test('each known difference names one of our codes and a reason', () => {
  expect(Object.keys(ODDITIES)).toHaveLength(4);
  for (const { ours: code, why } of DIFFERENCES)
    expect([code, why]).toEqual([expect.stringMatching(/^ERR_WS_/), expect.any(String)]);
});
