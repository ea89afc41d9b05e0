/**
 * The runner that points the arbitraries at a server: legal traffic and labelled violations, in chunks of all kinds.
 *
 * Knows: what a server should do with each wire, how to report the smallest wire that it does something else with.
 * Does not know: the server, or how a connection is probed (probe.ts).
 */
import { Buffer } from 'node:buffer';
import fc, { type Arbitrary, type RunDetails } from 'fast-check';
import { count, milliseconds, optionsOf } from '../../codec/limits.js';
import { HandshakeError } from '../../errors.js';
import type { DialOptions } from '../../handshake/stream/dial.js';
import { type BrokenWire, type BrokenWireOptions, brokenWires, type WireViolation } from '../broken-wires.js';
import { type Chunking, type Cuttable, chunkings, cutBy } from '../chunkings.js';
import { labelled } from '../labelled.js';
import { close, wireOf } from '../raw-frame.js';
import { type Wire, wires } from '../wires.js';
import { type ProbeAnswer, probe } from './probe.js';

/** What a run sends: a violation by name, or legal traffic. */
export type FuzzCase = WireViolation | 'LEGAL';

/** Options of `fuzzServer`. A bad value is a UsageError. */
export interface FuzzOptions extends Omit<BrokenWireOptions, 'deflate'> {
  /** How many connections are made. Default 300. */
  readonly runs?: number | undefined;
  /** From an earlier report, to run the same again. Default: a random one. */
  readonly seed?: number | undefined;
  /** From an earlier report: begins with the smallest wire that failed. Needs the `seed` of that report. */
  readonly path?: string | undefined;
  /** Milliseconds that the server has for its close frame, counted from the last byte. Default 2,000. */
  readonly timeoutMs?: number | undefined;
  /**
   * Further close codes to accept, by case: 1006 for an end without a close frame, 1005 for a close frame without a code.
   * An empty list leaves the case as strict as it is.
   */
  readonly tolerate?: Readonly<Partial<Record<FuzzCase, readonly number[]>>> | undefined;
  /** Header fields, TLS and the like for the handshake. */
  readonly dial?: DialOptions | undefined;
}

/** The smallest wire found that the server did something else with. */
export interface FuzzFailure {
  /** Which rule was broken, or `LEGAL`. */
  readonly case: FuzzCase;
  /** What was sent, frame by frame, then as hex. */
  readonly wire: string;
  /** How it was cut into writes, in words. */
  readonly chunking: string;
  /** What was sent after the handshake. */
  readonly bytes: Buffer;
  /** What is right, in words. */
  readonly expected: string;
  /** What the server did, in words. */
  readonly got: string;
  /** Give it to `path`, with the seed, to run this wire again. */
  readonly path: string;
}

/** What came of it; `String(report)` is a text for people. */
export interface FuzzReport {
  /** Connections made, those for shrinking left out. */
  readonly runs: number;
  /** Give it to `seed` to run the same again. */
  readonly seed: number;
  /** Null when the server did what is right with every wire. */
  readonly failure: FuzzFailure | null;
}

const KEY = Buffer.from('37fa213d', 'hex');
const GOODBYE = wireOf(close(1000), { key: KEY });

/** One connection's worth: what is sent, and the close codes that are right. */
interface Trial {
  readonly name: FuzzCase;
  readonly wire: Cuttable;
  readonly codes: readonly number[];
  /** Payload of the last ping, as hex, which must be answered (§5.5.2); null where that is not asked. */
  readonly ping: string | null;
}

/** A finding, on its way through fast-check. */
class Finding extends Error {
  readonly got: string;

  constructor(got: string) {
    super(got);
    this.got = got;
  }
}

/**
 * Fuzzes the server at `url`. Half of the wires are legal and end with a close 1000, which is to be answered with 1000,
 * 1001 or no code; half break one rule, which is to be answered with the close code of that rule.
 *
 * Rejects with a HandshakeError when nothing answers at `url` at
 * the start; a server that stops answering later is a finding.
 * @throws UsageError (as a rejection) for a bad option.
 */
export async function fuzzServer(url: string | URL, options: FuzzOptions = {}): Promise<FuzzReport> {
  const given = optionsOf('fuzzServer', options);
  const runs = count('runs', given.runs, 300);
  const timeoutMs = milliseconds('timeoutMs', given.timeoutMs, 2_000);
  await probe(url, [GOODBYE], timeoutMs, given.dial);
  let isGone = false;
  const law = fc.asyncProperty(trials(given), chunkings(), async (trial, chunking) => {
    if (isGone) return;
    const answer = await probe(url, cutBy(chunking, trial.wire), timeoutMs, given.dial).catch((error: unknown) => {
      if (!(error instanceof HandshakeError)) throw error;
      isGone = true;
      throw new Finding(`no handshake any more: ${error.message}`);
    });
    const wrong = faultOf(trial, answer);
    if (wrong !== null) throw new Finding(wrong);
  });
  const { seed, path } = given;
  return reportOf(
    await fc.check(law, {
      numRuns: runs,
      ...(seed === undefined ? {} : { seed }),
      ...(path === undefined ? {} : { path }),
    }),
  );
}

function trials(options: FuzzOptions): Arbitrary<Trial> {
  const tolerated = (name: FuzzCase) => options.tolerate?.[name] ?? [];
  const { maxBytes = 300, maxFrameBytes = Infinity, maxMessageBytes = Infinity } = options;
  const legal = wires('client', { maxBytes: Math.min(maxBytes, maxFrameBytes, maxMessageBytes) });
  const goodbye = legal.map((wire) => legalTrial(wire, tolerated('LEGAL')));
  const broken = brokenWires('server', options).map((wire) => brokenTrial(wire, tolerated(wire.violation)));
  return fc.oneof(goodbye, broken);
}

function legalTrial(wire: Wire, tolerated: readonly number[]): Trial {
  const ping = wire.frames.findLast(({ opcode }) => opcode === 9)?.payload.toString('hex') ?? null;
  const sent = { ...wire, bytes: Buffer.concat([wire.bytes, GOODBYE]), starts: [...wire.starts, wire.bytes.length] };
  const trial = { name: 'LEGAL' as const, wire: sent, codes: [...new Set([1000, 1001, 1005, ...tolerated])], ping };
  return labelled(trial, () => `${wire}, then close 1000`);
}

function brokenTrial(wire: BrokenWire, tolerated: readonly number[]): Trial {
  const trial = { name: wire.violation, wire, codes: [wire.closeCode, ...tolerated], ping: null };
  return labelled(trial, () => String(wire));
}

function faultOf({ codes, ping }: Trial, { closeCode, pongs, broken }: ProbeAnswer): string | null {
  if (broken !== null) return `frames of its own that are illegal: ${broken}`;
  if (closeCode === null) return 'no close frame, and the connection stayed open';
  if (!codes.includes(closeCode)) return closeCode === 1006 ? 'an end without a close frame' : `close ${closeCode}`;
  return ping === null || closeCode === 1006 || pongs.includes(ping) ? null : `no pong for the ping ${ping}`;
}

function reportOf(details: RunDetails<[Trial, Chunking]>): FuzzReport {
  const { numRuns: runs, seed, counterexample, counterexamplePath, errorInstance } = details;
  if (counterexample === null)
    return labelled({ runs, seed, failure: null }, () => `${runs} runs, seed ${seed}: no fault`);
  if (!(errorInstance instanceof Finding)) throw errorInstance;
  const [trial, chunking] = counterexample;
  const failure: FuzzFailure = {
    case: trial.name,
    wire: String(trial),
    chunking: String(chunking),
    bytes: trial.wire.bytes,
    expected: `close ${trial.codes.join(' or ')}${trial.ping === null ? '' : `, and a pong for each ping`}`,
    got: errorInstance.got,
    path: counterexamplePath ?? '',
  };
  return labelled({ runs, seed, failure }, () => describe(runs, seed, failure));
}

function describe(runs: number, seed: number, { wire, chunking, expected, got, path }: FuzzFailure): string {
  return [
    `Failed after ${runs} runs: { seed: ${seed}, path: '${path}' }`,
    `sent      ${wire}`,
    `in chunks ${chunking}`,
    `expected  ${expected}`,
    `got       ${got}`,
  ].join('\n');
}
