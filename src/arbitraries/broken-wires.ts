/**
 * Mutations: legal wires with exactly one violation in them, labelled, so that the answer of a receiver can be foretold.
 *
 * Knows: which violations a wire can have, what has to stand before each, that anything may follow.
 * Does not know: how a rule is broken (breaches.ts, payload-breaches.ts), or how soon a receiver says so.
 */
import { Buffer } from 'node:buffer';
import fc, { type Arbitrary } from 'fast-check';
import { Opcode, type Role } from '../codec/frame.js';
import { UsageError, VIOLATIONS, type ViolationName } from '../errors.js';
import type { Breach, BreachMaker, Circumstances } from './breach.js';
import * as header from './breaches.js';
import type { Cuttable } from './chunkings.js';
import { labelled } from './labelled.js';
import { type ArbitraryMessage, describeFrames, type FrameSequence, frameSequences } from './messages.js';
import * as payload from './payload-breaches.js';
import { maskKeys, type SizeLimit } from './payloads.js';
import { frameOf } from './raw-frame.js';
import { describeBytes, joined, keyRings, wires } from './wires.js';

/** A legal run of frames, then a breach, then perhaps more. */
export interface BrokenWire extends Cuttable {
  /** The row of VIOLATIONS. */
  readonly violation: WireViolation;
  /** The close code that the receiver should answer with (RFC 6455 §7.4.1). */
  readonly closeCode: number;
  /** Messages that were complete before the breach: a receiver may have delivered them. */
  readonly messages: readonly ArbitraryMessage[];
  /**
   * Index in `bytes` of the first byte that proves the violation. A close frame, a compressed message and a character
   * that breaks off are proved by their last byte; a message that grows too large by the header of the frame.
   */
  readonly proof: number;
}

export interface BrokenWireOptions extends SizeLimit {
  /** Which violations. Default: all that can be had of this receiver with these limits. */
  readonly violations?: readonly WireViolation[] | undefined;
  /** The receiver's largest frame in bytes; without it there is no FRAME_TOO_BIG. */
  readonly maxFrameBytes?: number | undefined;
  /** The receiver's largest message in bytes; without it there is no MESSAGE_TOO_BIG. */
  readonly maxMessageBytes?: number | undefined;
  /** True when permessage-deflate was agreed on; without it there is no INVALID_DEFLATE. Default false. */
  readonly deflate?: boolean | undefined;
}

/** `open`: whether the breach needs a fragmented message that waits for its continuation. */
interface Rule {
  readonly open: 'yes' | 'no' | 'either';
  readonly make: BreachMaker;
}

const RULES = {
  RESERVED_OPCODE: { open: 'either', make: header.reservedOpcode },
  RESERVED_BIT: { open: 'either', make: header.reservedBit },
  MASK_MISSING: { open: 'either', make: header.maskMissing },
  MASK_UNEXPECTED: { open: 'either', make: header.maskUnexpected },
  LENGTH_NOT_MINIMAL: { open: 'either', make: header.lengthNotMinimal },
  LENGTH_SIGN_BIT: { open: 'either', make: header.lengthSignBit },
  CONTROL_FRAGMENTED: { open: 'either', make: header.controlFragmented },
  CONTROL_TOO_LONG: { open: 'either', make: header.controlTooLong },
  CONTINUATION_UNEXPECTED: { open: 'no', make: header.continuationUnexpected },
  CONTINUATION_EXPECTED: { open: 'yes', make: header.continuationExpected },
  CLOSE_TRUNCATED: { open: 'either', make: payload.closeTruncated },
  CLOSE_CODE_INVALID: { open: 'either', make: payload.closeCodeInvalid },
  INVALID_UTF8: { open: 'either', make: payload.invalidUtf8 },
  INVALID_DEFLATE: { open: 'no', make: payload.invalidDeflate },
  FRAME_TOO_BIG: { open: 'either', make: header.frameTooBig },
  MESSAGE_TOO_BIG: { open: 'no', make: payload.messageTooBig },
} as const satisfies Partial<Record<ViolationName, Rule>>;

/** The rows of VIOLATIONS that bytes after the handshake can make. */
export type WireViolation = keyof typeof RULES;

/** The violations that a wire to this receiver can have. */
export function wireViolations(to: Role, options: BrokenWireOptions = {}): WireViolation[] {
  const impossible = new Set<WireViolation>([to === 'server' ? 'MASK_UNEXPECTED' : 'MASK_MISSING']);
  if (!Number.isFinite(options.maxFrameBytes ?? Infinity)) impossible.add('FRAME_TOO_BIG');
  if (!Number.isFinite(options.maxMessageBytes ?? Infinity)) impossible.add('MESSAGE_TOO_BIG');
  if (options.deflate !== true) impossible.add('INVALID_DEFLATE');
  const wanted = options.violations ?? (Object.keys(RULES) as WireViolation[]);
  return wanted.filter((name) => !impossible.has(name));
}

/**
 * Wires that `to` must refuse. They shrink towards nothing before and after the breach.
 * @throws UsageError when none of `violations` can be had.
 */
export function brokenWires(to: Role, options: BrokenWireOptions = {}): Arbitrary<BrokenWire> {
  const names = wireViolations(to, options);
  if (names.length === 0) throw new UsageError('None of these violations can be had of this receiver.');
  return fc
    .tuple(fc.constantFrom(...names), fc.boolean(), maskKeys())
    .chain(([violation, open, key]) => brokenBy(violation, open, { to, key, ...limitsOf(options) }, options));
}

function brokenBy(
  violation: WireViolation,
  open: boolean,
  about: Omit<Circumstances, 'open'>,
  options: BrokenWireOptions,
): Arbitrary<BrokenWire> {
  const rule: Rule = RULES[violation];
  const isOpen = rule.open === 'either' ? open : rule.open === 'yes';
  const from: Role = about.to === 'server' ? 'client' : 'server';
  const limit = { maxBytes: legalBytes(options), maxMessages: 2 };
  const nothing = fc.constant<FrameSequence>({ frames: [], messages: [] });
  const before = fc.oneof({ withCrossShrink: true }, nothing, frameSequences(limit));
  const after = fc.oneof(
    { withCrossShrink: true },
    fc.constant(Buffer.alloc(0)),
    wires(from, limit).map(({ bytes }) => bytes),
  );
  return fc
    .tuple(before, keyRings(), rule.make({ ...about, open: isOpen }), after)
    .map(([legal, keys, breach, rest]) => {
      const frames = isOpen ? [...legal.frames, frameOf(Opcode.binary, '', { fin: false })] : legal.frames;
      return assembled(violation, { ...legal, frames }, joined(frames, from, keys), breach, rest);
    });
}

function assembled(
  violation: WireViolation,
  legal: FrameSequence,
  { bytes, starts }: { readonly bytes: Buffer; readonly starts: readonly number[] },
  breach: Breach,
  rest: Buffer,
): BrokenWire {
  const wire: BrokenWire = {
    violation,
    closeCode: VIOLATIONS[violation].close,
    messages: legal.messages,
    frames: legal.frames,
    bytes: Buffer.concat([bytes, breach.bytes, rest]),
    starts: [...starts, ...breach.starts.map((at) => bytes.length + at)],
    proof: bytes.length + breach.proof,
  };
  const after = rest.length === 0 ? '' : `, then ${rest.length} bytes more`;
  return labelled(
    wire,
    () => `${violation}: ${describeFrames(legal.frames)}, then ${breach.label}${after} = ${describeBytes(wire.bytes)}`,
  );
}

/** Legal messages stay below the limits. */
function legalBytes({
  maxBytes = 300,
  maxFrameBytes = Infinity,
  maxMessageBytes = Infinity,
}: BrokenWireOptions): number {
  return Math.min(maxBytes, maxFrameBytes, maxMessageBytes);
}

function limitsOf({ maxFrameBytes = Infinity, maxMessageBytes = Infinity, deflate = false }: BrokenWireOptions) {
  return { maxFrameBytes, maxMessageBytes, deflate };
}
