/**
 * Whether three implementations agree about a wire.
 *
 * Knows: that every cut must give the same answer, that ours and the reference model agree to the letter, and where we
 * differ from ws on purpose.
 * Does not know: who is right.
 */
import type { DeflateDirection } from '../../../src/deflate/agreement.js';
import { cutAt } from '../../support/wire.js';
import type { FuzzCase, Recipient } from './fuzz-case.js';
import { ours as realOurs } from './ours.js';
import { describeOutcome, type Oddity, type Outcome, sameEvents } from './outcome.js';
import { reference } from './reference.js';
import { theirs, theirsInflating } from './theirs.js';

/** Where ws is known to say something else, or the same later. */
export interface Difference {
  /** What we call it. */
  readonly ours: string;
  /** The close codes of ws: 0 for "nothing yet". */
  readonly theirs: readonly number[];
  /** True when ws may go on and deliver what we refused. */
  readonly goesOn: boolean;
  readonly why: string;
}

export const DIFFERENCES: readonly Difference[] = [
  {
    ours: 'ERR_WS_LENGTH_NOT_MINIMAL',
    theirs: [0, 1002, 1007, 1009],
    goesOn: true,
    why: 'ws takes a length in any form, so whatever follows is judged',
  },
  {
    ours: 'ERR_WS_INVALID_UTF8',
    theirs: [0, 1002, 1007, 1009],
    goesOn: true,
    why: 'ws looks at text when the message is complete: control frames and further violations may come before that',
  },
  {
    ours: 'ERR_WS_LENGTH_SIGN_BIT',
    theirs: [0, 1009],
    goesOn: false,
    why: 'to ws a length above 2^53 is too large, whatever its first bit, and it waits for all eight bytes',
  },
  {
    ours: 'ERR_WS_FRAME_TOO_BIG',
    theirs: [0, 1009],
    goesOn: false,
    why: 'ws waits for all bytes of the length',
  },
  {
    ours: 'ERR_WS_MESSAGE_TOO_BIG',
    theirs: [0, 1009],
    goesOn: false,
    why: 'the same',
  },
  {
    ours: 'ERR_WS_INVALID_DEFLATE',
    theirs: [0, 1007, 1009],
    goesOn: false,
    why: 'ws inflates when the frame is complete; a message may also be too large before it is wrong',
  },
];

/** Where ws may say anything from there on. */
export const ODDITIES: Readonly<Record<Oddity, string>> = {
  'a final block': 'ws passes over what follows one in the same message, and over the window of the ones before',
  'a compressed message of no bytes':
    'ws hands its inflater a tail without a block before it, which confuses the next one',
  'an end within a block': 'ws delivers what has come of the message',
  'more compressed bytes than the limit': 'ws counts them, and we count what they inflate to',
};

/** What a cut may change about a compressed message that is illegal, never about a legal one. */
export const DEPENDS_ON_CUT: readonly {
  readonly covers: (left: Outcome, right: Outcome, deflate: DeflateDirection) => boolean;
  readonly why: string;
}[] = [
  {
    covers: (left, right) =>
      left.events.length === right.events.length &&
      (NOT_DEFLATE.has(left.code) || NOT_DEFLATE.has(right.code)) &&
      [left, right].every(({ closeCode }) => closeCode === 1007 || closeCode === 1009),
    why: 'zlib gives out nothing of a call that fails, so of two faults the cut decides which one is seen',
  },
  {
    covers: (left, right, { windowBits }) =>
      windowBits < 15 && (left.why.includes('too far back') || right.why.includes('too far back')),
    why: 'zlib sees a distance beyond a short window only when the bytes before it were given out already',
  },
];

/** What zlib's refusal is called by us, by the reference and by ws. */
const NOT_DEFLATE = new Set(['ERR_WS_INVALID_DEFLATE', 'deflate', 'Z_DATA_ERROR']);

/** Codes that one byte can prove, where ws waits for the second one. */
const FIRST_BYTE = new Set([
  'ERR_WS_RESERVED_OPCODE',
  'ERR_WS_RESERVED_BIT',
  'ERR_WS_CONTROL_FRAGMENTED',
  'ERR_WS_CONTINUATION_UNEXPECTED',
  'ERR_WS_CONTINUATION_EXPECTED',
]);

export type Implementation = (recipient: Recipient, chunks: readonly Buffer[]) => Outcome;

export interface Judgement {
  /** What ours said of the whole wire. */
  readonly outcome: Outcome;
  /** Where they disagree, or null. */
  readonly fault: string | null;
}

/** Runs the case through all three. `ours` may be a broken one, to see that it is found out. */
export async function judge(one: FuzzCase, ours: Implementation = realOurs): Promise<Judgement> {
  const { wire, cuts, deflate } = one;
  const outcome = ours(one, [wire]);
  const cut = ours(one, cutAt(wire, cuts));
  const isSame = same(outcome, cut) && outcome.code === cut.code;
  if (!isSame && !isExcused(one, outcome, cut)) return disagreement(outcome, 'the same wire, cut', cut);
  const model = reference(one, wire);
  if (!same(outcome, model) && !isExcused(one, outcome, model)) return disagreement(outcome, 'the reference', model);
  const chunks = cutAt(Buffer.from(wire), cuts);
  const other = deflate === null ? theirs(one, chunks) : await theirsInflating(one, deflate, chunks);
  const isFine =
    agrees(outcome, other) ||
    (other.closeCode === 1009 && lacksOnlyKey(outcome, one, ours)) ||
    (deflate !== null && (isExcused(one, outcome, other) || isOdd(one, outcome, model, other)));
  return isFine ? { outcome, fault: null } : disagreement(outcome, 'ws', other);
}

/** True when a rule of DEPENDS_ON_CUT covers the difference. */
function isExcused({ deflate }: FuzzCase, left: Outcome, right: Outcome): boolean {
  if (deflate === null) return false;
  const count = Math.min(left.events.length, right.events.length);
  if (!sameEvents(left.events, right.events, count)) return false;
  return DEPENDS_ON_CUT.some(({ covers }) => covers(left, right, deflate));
}

/** The same with a masking key that is still to come: ws counts the bytes of a message before it. */
function isOdd(one: FuzzCase, mine: Outcome, model: Outcome, other: Outcome): boolean {
  if (agreesUntilOddity(mine, model, other)) return true;
  if (other.closeCode !== 1009) return false;
  const withKey = reference(one, Buffer.concat([one.wire, Buffer.alloc(4)]));
  return agreesUntilOddity(mine, withKey, other);
}

/** True when ws says the same of everything before the first thing that it is known to take for something else. */
function agreesUntilOddity(mine: Outcome, { oddities = new Map() }: Outcome, other: Outcome): boolean {
  if (oddities.size === 0) return false;
  const first = Math.min(...oddities.values());
  return other.events.length >= first && sameEvents(mine.events, other.events, first);
}

function same(left: Outcome, right: Outcome): boolean {
  const { length } = left.events;
  return (
    left.closeCode === right.closeCode &&
    length === right.events.length &&
    sameEvents(left.events, right.events, length)
  );
}

/** ws adds up a message when it has read the length of a frame; we do when the masking key behind it is here, too. */
function lacksOnlyKey(mine: Outcome, { wire, ...recipient }: FuzzCase, ours: Implementation): boolean {
  if (mine.closeCode !== 0 || recipient.role === 'client') return false;
  return ours(recipient, [Buffer.concat([wire, Buffer.alloc(4)])]).code === 'ERR_WS_MESSAGE_TOO_BIG';
}

function agrees(mine: Outcome, other: Outcome): boolean {
  if (same(mine, other)) return true;
  if (!sameEvents(mine.events, other.events, mine.events.length)) return false;
  const wentOn = other.events.length > mine.events.length;
  if (FIRST_BYTE.has(mine.code) && other.closeCode === 0) return !wentOn;
  const known = DIFFERENCES.find(({ ours }) => ours === mine.code);
  if (known === undefined || (wentOn && !known.goesOn)) return false;
  return known.theirs.includes(other.closeCode);
}

function disagreement(outcome: Outcome, who: string, other: Outcome): Judgement {
  return { outcome, fault: `ours: ${describeOutcome(outcome)}\n${who}: ${describeOutcome(other)}` };
}
