/**
 * bench:unmask, `D_i = E_i XOR M_(i mod 4)` by size.
 *
 * Knows: the sizes, the alignments, the contestants.
 * Does not know: how a turn is timed (lib/micro.mjs) or what each contestant does (contestants/unmask).
 */
import { competeInWorkers } from '../lib/micro.mjs';

export const title = 'Unmasking';

export const contestants = [
  { id: 'framepipe', label: 'framepipe', module: 'unmask/framepipe' },
  { id: 'bufferutil', label: 'bufferutil (native)', module: 'unmask/bufferutil' },
  { id: 'ws-js', label: 'ws, JavaScript', module: 'unmask/ws', env: { WS_NO_BUFFER_UTIL: '1' } },
  { id: 'websocket-driver', label: 'websocket-driver', module: 'unmask/websocket-driver' },
  { id: 'memcpy', label: 'memcpy, for comparison', module: 'unmask/copy', takes: isRun },
];

/** @param {{ kind: string }} one */
function isRun({ kind }) {
  return kind === 'run';
}

const SMALL = [16, 32, 64, 125];
const RUNS = [16, 64, 125, 256, 1_024, 4_096, 16_384, 65_536, 262_144, 1_048_576];

/** @param {import('../lib/passes.mjs').Pass} pass */
export function casesOf({ size }) {
  const some = (/** @type {number[]} */ all, /** @type {number[]} */ few) => (size === 0 ? few : all);
  const runs = some(RUNS, [16, 1_024, 65_536]).map((bytes) => one('run', bytes, 6));
  const aligned = size < 2 ? [] : [1_024, 65_536].map((bytes) => one('run', bytes, 8));
  const chunks = ['kernel', 'decoder', 'frames'].flatMap((kind) =>
    some(SMALL, [125]).map((bytes) => one(kind, bytes, 0)),
  );
  return [...runs, ...aligned, ...chunks];
}

/** @type {(kind: string, size: number, offset: number) => import('../lib/compete.mjs').Case} */
function one(kind, size, offset) {
  return { id: `${kind}-${size}${offset === 8 ? '-aligned' : ''}`, kind, size, offset };
}

/** @type {import('../lib/suites.mjs').Run} */
export function run(pass, progress) {
  return competeInWorkers(contestants, casesOf(pass), pass, progress);
}
