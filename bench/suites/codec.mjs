/**
 * bench:codec, frames to messages and messages to frames, without a socket.
 *
 * Knows: the sizes, the roles, the contestants, and the cases of linearity.
 * Does not know: how a turn is timed (lib/micro.mjs) or what each contestant does (contestants/codec).
 */
import { competeInWorkers } from '../lib/micro.mjs';

export const title = 'Codec';

const isWhole = (/** @type {{ kind: string }} */ { kind }) => kind === 'linear-bytes';
const isPlain = (/** @type {{ kind: string }} */ { kind }) => !kind.startsWith('linear');
const isServer = (/** @type {{ kind: string }} */ { kind }) => isPlain({ kind }) && !kind.endsWith('client');

export const contestants = [
  { id: 'framepipe', label: 'framepipe', module: 'codec/framepipe' },
  { id: 'stages', label: 'framepipe, stages', module: 'codec/stages', takes: isPlain },
  { id: 'ws', label: 'ws + bufferutil', module: 'codec/ws', takes: isPlain },
  { id: 'ws-js', label: 'ws, JavaScript', module: 'codec/ws', env: { WS_NO_BUFFER_UTIL: '1' }, takes: isPlain },
  { id: 'websocket-driver', label: 'websocket-driver', module: 'codec/websocket-driver', takes: isServer },
  { id: 'fill', label: 'a Buffer, filled', module: 'codec/fill', takes: isWhole },
];

const MEBIBYTE = 1_048_576;
const SIZES = [16, 125, 1_024, 16_384, 65_536, MEBIBYTE];
const MESSAGE_SIZES = [65_536, MEBIBYTE, 16 * MEBIBYTE, 256 * MEBIBYTE, 1_024 * MEBIBYTE];
const FRAME_COUNTS = [1, 1_000, 100_000, 1_000_000, 10_000_000];

/** @param {import('../lib/passes.mjs').Pass} pass */
export function casesOf({ size }) {
  const pick = (/** @type {number[]} */ all) => (size === 0 ? all.filter((_, at) => at % 3 === 1) : all);
  const upTo = (/** @type {number[]} */ all) => all.slice(0, size === 0 ? 1 : 5);
  const by = (/** @type {string} */ kind, /** @type {number[]} */ sizes) =>
    sizes.map((bytes) => ({ id: `${kind}-${bytes}`, kind, size: bytes }));
  return [
    ...by('decode', pick(SIZES)),
    ...by('decode-text', pick([125, 1_024])),
    ...by('encode-server', pick(SIZES.slice(0, 5))),
    ...by('encode-client', pick(SIZES.slice(0, 5))),
    ...by('send-server', pick(SIZES.slice(0, 5))),
    ...by('send-client', pick(SIZES.slice(0, 5))),
    ...by('linear-bytes', upTo(MESSAGE_SIZES)),
    ...by('linear-streams', upTo(MESSAGE_SIZES)),
    ...upTo(FRAME_COUNTS).map((count) => ({ id: `linear-frames-${count}`, kind: 'linear-frames', size: 16, count })),
  ];
}

/** @type {import('../lib/suites.mjs').Run} */
export function run(pass, progress) {
  return competeInWorkers(contestants, casesOf(pass), pass, progress);
}
