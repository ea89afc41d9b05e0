/**
 * How to provoke each violation that bytes can prove: one row for each name of VIOLATIONS whose fault is 'protocol' or
 * 'limit'.
 *
 * Knows: a short wire for each, with legal frames before the bad byte, and the index of that byte.
 * Does not know: which stage finds it; rows past the header need a message or a close frame to be looked into.
 */
import type { Role } from '../../src/codec/frame.js';
import { VIOLATIONS, type ViolationName } from '../../src/errors.js';
import { hex } from './wire.js';

export interface Provocation {
  readonly name: ViolationName;
  /** Our role: who receives the wire. */
  readonly role: Role;
  readonly wire: Buffer;
  /** Index in `wire` of the first byte that proves it. */
  readonly proof: number;
  /** Which stage looks there: the frame parser, the message assembler or the reader of close frames. */
  readonly foundBy: 'frames' | 'messages' | 'closes';
}

/** The limits that the rows are made for. */
export const PROVOKED_LIMITS = { maxFrameBytes: 300, maxMessageBytes: 200 } as const;

const HI = hex`81 02 4869`;
const MASKED_HI = hex`81 82 00000000 4869`;

/** A wire for each violation, some in both roles. */
export const PROVOCATIONS: readonly Provocation[] = [
  { name: 'RESERVED_OPCODE', role: 'client', wire: hex`${HI} 83 02 4869`, proof: 4, foundBy: 'frames' },
  { name: 'RESERVED_OPCODE', role: 'server', wire: hex`${MASKED_HI} 8b 82 00000000 4869`, proof: 8, foundBy: 'frames' },
  { name: 'RESERVED_BIT', role: 'client', wire: hex`${HI} c1 02 4869`, proof: 4, foundBy: 'frames' },
  { name: 'RESERVED_BIT', role: 'server', wire: hex`${MASKED_HI} a9 80 00000000`, proof: 8, foundBy: 'frames' },
  { name: 'MASK_MISSING', role: 'server', wire: hex`${MASKED_HI} 81 02 4869`, proof: 9, foundBy: 'frames' },
  { name: 'MASK_UNEXPECTED', role: 'client', wire: hex`${HI} 81 82 00000000 4869`, proof: 5, foundBy: 'frames' },
  { name: 'LENGTH_NOT_MINIMAL', role: 'client', wire: hex`${HI} 81 7e 0002 4869`, proof: 7, foundBy: 'frames' },
  { name: 'LENGTH_NOT_MINIMAL', role: 'client', wire: hex`82 7f 0000000000000002 4869`, proof: 7, foundBy: 'frames' },
  { name: 'LENGTH_SIGN_BIT', role: 'client', wire: hex`${HI} 82 7f 8000000000000000`, proof: 6, foundBy: 'frames' },
  { name: 'CONTROL_FRAGMENTED', role: 'client', wire: hex`${HI} 09 00`, proof: 4, foundBy: 'frames' },
  { name: 'CONTROL_TOO_LONG', role: 'client', wire: hex`${HI} 8a 7e 007e`, proof: 5, foundBy: 'frames' },
  { name: 'CONTINUATION_UNEXPECTED', role: 'client', wire: hex`${HI} 8900 80 02 4869`, proof: 6, foundBy: 'frames' },
  { name: 'CONTINUATION_EXPECTED', role: 'client', wire: hex`01 02 4869 8900 81 02 4869`, proof: 6, foundBy: 'frames' },
  { name: 'FRAME_TOO_BIG', role: 'client', wire: hex`${HI} 82 7e 012d`, proof: 7, foundBy: 'frames' },
  { name: 'FRAME_TOO_BIG', role: 'server', wire: hex`82 ff 0000000100000000`, proof: 5, foundBy: 'frames' },
  { name: 'CLOSE_TRUNCATED', role: 'client', wire: hex`${HI} 88 01 03`, proof: 5, foundBy: 'frames' },
  { name: 'CLOSE_CODE_INVALID', role: 'client', wire: hex`${HI} 88 02 03ed`, proof: 7, foundBy: 'closes' },
  { name: 'INVALID_UTF8', role: 'client', wire: hex`${HI} 88 03 03e8 ff`, proof: 8, foundBy: 'closes' },
  { name: 'INVALID_UTF8', role: 'client', wire: hex`${HI} 01 02 48e2 80 02 ff41`, proof: 10, foundBy: 'messages' },
  { name: 'INVALID_UTF8', role: 'client', wire: hex`${HI} 81 02 48e2`, proof: 7, foundBy: 'messages' },
  {
    name: 'MESSAGE_TOO_BIG',
    role: 'client',
    wire: hex`02 7d ${Buffer.alloc(125)} 8900 80 4c ${Buffer.alloc(76)}`,
    proof: 130,
    foundBy: 'messages',
  },
];

/** The names that bytes from the network can prove, as long as no extension gives them another meaning. */
export const PROVOKABLE: readonly string[] = Object.entries(VIOLATIONS)
  .filter(([, { fault, rfc }]) => rfc.startsWith('6455') && (fault === 'protocol' || fault === 'limit'))
  .map(([name]) => name);
