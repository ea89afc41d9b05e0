/**
 * What every endpoint refuses with no option set, whoever wrote it down: RFC 6455 or our own limits.
 *
 * Knows: a wire for each such law, to a server and to a client, and the close code.
 * Does not know: errors (provocations.ts has them, byte by byte), who reads the wire.
 */
import type { Frame } from '../../src/codec/frame.js';
import { binary, close, continuation, frameOf, headerOf, ping, text, wireOf } from './frames.js';
import { hex } from './wire.js';

const KEY = hex`37fa213d`;
const MIB = 2 ** 20;

/** The bytes of a frame to a server (masked) or to a client. */
export type To = (frame: Frame, lengthBytes?: 2 | 8) => Buffer;
export const toServer: To = (frame, lengthBytes) => wireOf(frame, { key: KEY, lengthBytes });
export const toClient: To = (frame, lengthBytes) => wireOf(frame, { lengthBytes });

type Breach = readonly [law: string, code: number, wire: (to: To) => Buffer, shown?: number];

const ALL: readonly Breach[] = [
  ['reserved opcodes of data', 1002, (to) => to(frameOf(3))],
  ['reserved opcodes of control', 1002, (to) => to(frameOf(11))],
  ['RSV1 that nobody agreed on', 1002, (to) => to(frameOf(1, 'x', { rsv1: true }))],
  ['RSV2', 1002, (to) => to(frameOf(1, 'x', { rsv2: true }))],
  ['RSV3', 1002, (to) => to(frameOf(1, 'x', { rsv3: true }))],
  ['the wrong masking', 1002, (to) => (to === toServer ? toClient : toServer)(text('x'))],
  ['a length that is not minimal, 16 bits', 1002, (to) => to(text('x'), 2)],
  ['a length that is not minimal, 64 bits', 1002, (to) => to(text('x'), 8)],
  ['a length with its first bit set', 1002, (to) => headerOf(text(''), 2n ** 63n, to === toServer ? { key: KEY } : {})],
  ['a fragmented control frame', 1002, (to) => to(frameOf(9, '', { fin: false }))],
  ['a control frame of 126 bytes', 1002, (to) => to(ping('x'.repeat(126)))],
  ['a continuation of nothing', 1002, (to) => to(continuation('x'))],
  ['a message within a message', 1002, (to) => Buffer.concat([to(text('x', false)), to(text('y'))])],
  ['half a close code', 1002, (to) => to(frameOf(8, hex`03`))],
  ['a close code that must not be sent', 1002, (to) => to(close(1005))],
  ['a close reason that is not UTF-8', 1007, (to) => to(frameOf(8, hex`03e8 ff`))],
  [
    'text that is not UTF-8, in the middle of a frame',
    1007,
    (to) => to(text(hex`41 ff ${Buffer.alloc(MIB, 'a')}`)),
    100,
  ],
  ['text that is not UTF-8, in the middle of a message', 1007, (to) => to(text(hex`e2 41`, false))],
  [
    'a frame above 16 MiB, on its header',
    1009,
    (to) => headerOf(binary(''), 16 * MIB + 1, to === toServer ? { key: KEY } : {}),
  ],
  [
    'a message above 16 MiB, on the header of its last fragment',
    1009,
    (to) => Buffer.concat([to(binary(Buffer.alloc(16 * MIB), false)), to(continuation('x'))]),
    -1,
  ],
];

/**
 * What no endpoint takes: the law, the close code, the wire. The last field is how much of the wire is enough for an
 * endpoint that reads as the bytes come, as `subarray` takes it.
 */
export const BREACHES = ALL.map(([law, code, wire, shown = Infinity]) => [law, code, wire, shown] as const);
