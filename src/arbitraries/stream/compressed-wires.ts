/**
 * Arbitraries of wires with permessage-deflate (RFC 7692): legal ones, and ones with exactly one labelled violation.
 *
 * Knows: that RSV1 marks the first frame of a compressed message, which messages share a window, what each kind of
 * violation looks like and how it is to be answered.
 * Does not know: DEFLATE (deflate-streams.ts), or frames without compression (broken-wires.ts).
 */
import { Buffer } from 'node:buffer';
import fc, { type Arbitrary } from 'fast-check';
import type { Frame, Role } from '../../codec/frame.js';
import { VIOLATIONS } from '../../errors.js';
import type { BrokenWire } from '../broken-wires.js';
import { cutAt } from '../chunkings.js';
import { labelled } from '../labelled.js';
import { type ArbitraryMessage, controlFrames, describeFrames, messages } from '../messages.js';
import { badUtf8, type SizeLimit } from '../payloads.js';
import { frameOf } from '../raw-frame.js';
import { describeBytes, joined, keyRings, type Wire } from '../wires.js';
import {
  BlockDeflater,
  brokenDeflateStreams,
  type DeflateBlock,
  type DeflateTerms,
  deflateBlocks,
} from './deflate-streams.js';

/** What the sender of a compressed wire keeps to. */
export interface CompressedWireOptions extends SizeLimit, DeflateTerms {}

export interface BrokenCompressedWireOptions extends CompressedWireOptions {
  /** Which violations. Default: all, MESSAGE_TOO_BIG only with `maxMessageBytes`. */
  readonly violations?: readonly CompressedWireViolation[] | undefined;
  /** The receiver's largest message in bytes. Legal messages stay below it. Default: none. */
  readonly maxMessageBytes?: number | undefined;
}

/** The rows of VIOLATIONS that a compressed message can make. */
export type CompressedWireViolation = 'INVALID_DEFLATE' | 'INVALID_UTF8' | 'MESSAGE_TOO_BIG' | 'RESERVED_BIT';

/** A message, how it is compressed, where it is cut into frames, and which control frames stand between those. */
interface Recipe {
  readonly message: ArbitraryMessage;
  /** Null: not compressed. */
  readonly blocks: readonly DeflateBlock[] | null;
  readonly cuts: readonly number[];
  readonly between: readonly Frame[];
}

/** What breaks a rule, as frames; `proof` as the index of the frame whose first byte proves it, null for the last byte. */
interface CompressedBreach {
  readonly frames: readonly Frame[];
  readonly proof: number | null;
  readonly why: string;
}

/** Messages of which most are compressed, in any fragments, with control frames between those. */
export function compressedWires(from: Role, options: CompressedWireOptions = {}): Arbitrary<Wire> {
  const recipes = fc.array(recipe(options), { minLength: 1, maxLength: 4 });
  return fc.tuple(recipes, keyRings()).map(([all, keys]) => {
    const deflater = new BlockDeflater(options);
    const frames = all.flatMap((one) => framesOf(one, deflater));
    const wire = { frames, messages: all.map(({ message }) => message), ...joined(frames, from, keys) };
    return labelled(wire, () => `${describeFrames(frames)} = ${describeBytes(wire.bytes)}`);
  });
}

/**
 * Wires that `to` must refuse although it agreed on permessage-deflate: legal messages, then one violation. They shrink
 * towards no messages before it.
 */
export function brokenCompressedWires(to: Role, options: BrokenCompressedWireOptions = {}): Arbitrary<BrokenWire> {
  const { maxMessageBytes = Infinity, maxBytes = 300, violations = Object.keys(BREACHES) } = options;
  const names = violations.filter((name) => name !== 'MESSAGE_TOO_BIG' || Number.isFinite(maxMessageBytes));
  const legal = { ...options, maxBytes: Math.min(maxBytes, maxMessageBytes) };
  const from = to === 'server' ? 'client' : 'server';
  return fc
    .constantFrom(...(names as CompressedWireViolation[]))
    .chain((violation) =>
      fc.tuple(
        fc.constant(violation),
        BREACHES[violation](maxMessageBytes, options),
        fc.array(recipe(legal), { maxLength: 2 }),
        keyRings(),
      ),
    )
    .map(([violation, breach, before, keys]) => assembled(violation, breach, before, keys, { from, options }));
}

const BREACHES = {
  INVALID_DEFLATE: (_, terms) =>
    brokenDeflateStreams({ ...terms, maxBytes: 100 }).map(({ bytes, why }) => ({
      frames: [frameOf(2, bytes, { rsv1: true })],
      proof: null,
      why,
    })),
  INVALID_UTF8: (_, terms) =>
    fc.tuple(badUtf8(), deflateBlocks()).map(([bad, blocks]) => ({
      frames: [frameOf(1, new BlockDeflater(terms).message(bad.bytes, blocks), { rsv1: true })],
      proof: null,
      why: `text ${bad.bytes.toString('hex')}`,
    })),
  MESSAGE_TOO_BIG: (limit, terms) =>
    fc.tuple(fc.integer({ min: 1, max: 1_000 }), fc.constantFrom('fixed', 'dynamic')).map(([over, kind]) => ({
      frames: [frameOf(2, bomb(limit + over, kind, terms), { rsv1: true })],
      proof: null,
      why: `${limit + over} bytes of zeros`,
    })),
  RESERVED_BIT: (_, terms) =>
    fc.tuple(fc.constantFrom(0, 9, 10), fc.boolean(), deflateBlocks()).map(([opcode, isCompressed, blocks]) => {
      const bytes = new BlockDeflater(terms).message(Buffer.from('Hello'), blocks);
      const [head = bytes, rest = bytes] = cutAt(bytes, [1]);
      const first = frameOf(2, isCompressed ? head : 'Hello', { rsv1: isCompressed, fin: false });
      const marked = frameOf(opcode, opcode === 0 ? rest : 'Hi', { rsv1: true });
      return { frames: [first, marked], proof: 1, why: `RSV1 on opcode ${opcode}` };
    }),
} as const satisfies Record<
  CompressedWireViolation,
  (maxMessageBytes: number, terms: DeflateTerms) => Arbitrary<CompressedBreach>
>;

/** `size` zeros in a few bytes: the frame is no reason to refuse it. */
function bomb(size: number, kind: DeflateBlock['kind'], terms: DeflateTerms): Buffer {
  return new BlockDeflater(terms).message(Buffer.alloc(size), [{ kind, ends: 'flush', at: 0 }]);
}

function recipe(limit: SizeLimit): Arbitrary<Recipe> {
  return fc.record({
    message: messages(limit),
    blocks: fc.option(deflateBlocks(), { freq: 5, nil: null }),
    cuts: fc.array(fc.nat(400), { maxLength: 3 }),
    between: fc.array(controlFrames(), { maxLength: 2 }),
  });
}

function framesOf({ message: { type, payload }, blocks, cuts, between }: Recipe, deflater: BlockDeflater): Frame[] {
  const bytes = blocks === null ? payload : deflater.message(payload, blocks);
  const places = cuts.map((at) => at % (bytes.length + 1)).sort((a, b) => a - b);
  const opcode = type === 'text' ? 1 : 2;
  const fragments = cutAt(bytes, places).map((piece, at) =>
    frameOf(at === 0 ? opcode : 0, piece, { rsv1: at === 0 && blocks !== null, fin: at === places.length }),
  );
  return fragments.flatMap((fragment, at) => (at === 1 ? [...between, fragment] : [fragment]));
}

function assembled(
  violation: CompressedWireViolation,
  { frames, proof, why }: CompressedBreach,
  before: readonly Recipe[],
  keys: readonly Buffer[],
  { from, options }: { readonly from: Role; readonly options: CompressedWireOptions },
): BrokenWire {
  const deflater = new BlockDeflater(options);
  // What breaks a rule must not depend on the window: the message before it gives it up.
  const legal = before.flatMap((one) => framesOf({ ...one, blocks: one.blocks && closing(one.blocks) }, deflater));
  const all = [...legal, ...frames];
  const { bytes, starts } = joined(all, from, keys);
  const wire: BrokenWire = {
    violation,
    closeCode: VIOLATIONS[violation].close,
    messages: before.map(({ message }) => message),
    frames: legal,
    bytes,
    starts,
    proof: proof === null ? bytes.length - 1 : (starts[legal.length + proof] ?? 0),
  };
  return labelled(wire, () => `${violation}, ${why}: ${describeFrames(all)} = ${describeBytes(bytes)}`);
}

/** The same blocks, the last of which is final: the window ends with it. */
function closing(blocks: readonly DeflateBlock[]): readonly DeflateBlock[] {
  return blocks.map((block, at) => (at === blocks.length - 1 ? { ...block, ends: 'final' } : block));
}
