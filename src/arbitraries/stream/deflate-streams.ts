/**
 * Arbitraries of DEFLATE (RFC 1951), as RFC 7692 §7.2.1 puts it into messages, and of bytes that are nearly that.
 *
 * Knows: blocks of each type and each way to end one; how a message refers to those before it; by which violations bytes
 * are no message, with zlib as the judge.
 * Does not know: frames (compressed-wires.ts). Values shrink towards few blocks of few bytes.
 */
import { Buffer } from 'node:buffer';
import zlib from 'node:zlib';
import fc, { type Arbitrary } from 'fast-check';
import { cutAt } from '../chunkings.js';
import { labelled } from '../labelled.js';
import { payloads, type SizeLimit } from '../payloads.js';

/** A piece of a message, and how it is compressed. */
export interface DeflateBlock {
  /** `stored` has no codes, `fixed` those of RFC 1951 §3.2.6, `dynamic` what zlib finds best: codes of its own, mostly. */
  readonly kind: 'stored' | 'fixed' | 'dynamic';
  /** `flush` goes on in the same stream, `final` sets BFINAL: what comes after it begins a new one. */
  readonly ends: 'flush' | 'final';
  /** Where the message is cut for the next piece; wraps around its length. */
  readonly at: number;
}

/** A message: what it holds, and its compressed bytes as they are put into frames, without the tail (§7.2.1). */
export interface DeflateStream {
  /** The message. */
  readonly plain: Buffer;
  /** The same, compressed. */
  readonly bytes: Buffer;
  /** How each piece of it was compressed. */
  readonly blocks: readonly DeflateBlock[];
}

/** Bytes that are no message, and what is wrong with them. */
export interface BrokenDeflateStream {
  /** To be put into frames as a compressed message. */
  readonly bytes: Buffer;
  /** What is wrong with them, for the report of a run. */
  readonly why: string;
}

/** What one side agreed to send with. */
export interface DeflateTerms {
  /** The window, 8 to 15 as a power of two of bytes. Default 15. */
  readonly windowBits?: number | undefined;
  /** False: no message refers to the ones before it. Default true. */
  readonly takeover?: boolean | undefined;
}

const { Z_DEFAULT_STRATEGY, Z_FIXED, Z_FINISH, Z_SYNC_FLUSH } = zlib.constants;
const SETTINGS = {
  stored: { level: 0, strategy: Z_DEFAULT_STRATEGY },
  fixed: { level: 9, strategy: Z_FIXED },
  dynamic: { level: 9, strategy: Z_DEFAULT_STRATEGY },
} as const;
const LETTERS = 'eeeeeeeetttttaaaaoooiinnsshrdlu ';
const NO_BYTES = Buffer.alloc(0);
const TAIL = Buffer.from('0000ffff', 'hex');
/** An empty block that ends the stream. */
const END = Buffer.from('0300', 'hex');

/** Recipes for the blocks of a message: one to four pieces. */
export function deflateBlocks(): Arbitrary<readonly DeflateBlock[]> {
  const block = fc.record<DeflateBlock>({
    kind: fc.constantFrom('stored', 'fixed', 'dynamic'),
    ends: fc.constantFrom('flush', 'final'),
    at: fc.nat(400),
  });
  return fc.array(block, { minLength: 1, maxLength: 4 });
}

/** Messages, each compressed by itself: any bytes, and letters of which some are rare, for which codes of their own pay. */
export function deflateStreams(options: SizeLimit & DeflateTerms = {}): Arbitrary<DeflateStream> {
  const { maxBytes = 300 } = options;
  const skewed = fc
    .record({ length: fc.nat(maxBytes), step: fc.integer({ min: 1, max: 1_000 }) })
    .map(({ length, step }) =>
      Buffer.from(Array.from({ length }, (_, at) => LETTERS.charCodeAt(scattered(at * step)))),
    );
  return fc.tuple(fc.oneof(payloads(options), skewed), deflateBlocks()).map(([plain, blocks]) => {
    const bytes = new BlockDeflater(options).message(plain, blocks);
    return labelled({ plain, bytes, blocks }, () => describeStream(plain, blocks, bytes));
  });
}

/**
 * Bytes that every inflater must refuse as a message without others before it: by their first block, or because something
 * was cut off or changed. zlib was asked about each.
 */
export function brokenDeflateStreams(options: SizeLimit & DeflateTerms = {}): Arbitrary<BrokenDeflateStream> {
  const known = fc.constantFrom(
    ['a reserved block type', '07'],
    ['a reserved block type that is not final', '06'],
    ['a stored block whose lengths disagree', '0005000500'],
    ['a distance to before the beginning', 'f200110000'],
    ['a stored block that the tail does not fill', '000500faff4865'],
    ['codes that cannot be', 'edfd'],
  );
  const change = fc.record({ at: fc.nat(), byte: fc.nat(255), cut: fc.boolean() });
  const changed = fc.tuple(deflateStreams(options), change).map(([{ bytes }, { at, byte, cut }]) => {
    const place = at % Math.max(bytes.length, 1);
    if (cut) return [`cut off at byte ${place}`, bytes.toString('hex', 0, place)];
    return [
      `byte ${place} is ${byte}`,
      Buffer.from(bytes)
        .fill(byte, place, place + 1)
        .toString('hex'),
    ];
  });
  return fc
    .oneof({ weight: 1, arbitrary: known }, { weight: 2, arbitrary: changed })
    .map(([why = '', digits = '']) => ({ why, bytes: Buffer.from(digits, 'hex') }))
    .filter(({ bytes }) => bytes.length > 0 && !isMessage(bytes))
    .map((stream) => labelled(stream, () => `${stream.why}: ${stream.bytes.toString('hex')}`));
}

/** A sender that makes messages by recipe, one after the other. */
export class BlockDeflater {
  readonly #takeover: boolean;
  readonly #windowBits: number;
  #window: Buffer = NO_BYTES;

  constructor({ windowBits = 15, takeover = true }: DeflateTerms) {
    this.#takeover = takeover;
    // zlib has no window of 8 bits. With 9 it looks back at most 250 bytes, which 8 bits allow.
    this.#windowBits = Math.max(windowBits, 9);
  }

  /** `plain` as one message. */
  message(plain: Buffer, blocks: readonly DeflateBlock[]): Buffer {
    if (!this.#takeover) this.#window = NO_BYTES;
    const places = blocks.slice(1).map(({ at }) => at % (plain.length + 1));
    const pieces = cutAt(
      plain,
      places.sort((a, b) => a - b),
    );
    const bytes = Buffer.concat(blocks.map((block, at) => this.#piece(pieces[at] ?? NO_BYTES, block)));
    return blocks.at(-1)?.ends === 'final' ? bytes : bytes.subarray(0, -TAIL.length);
  }

  #piece(plain: Buffer, { kind, ends }: DeflateBlock): Buffer {
    const bytes = zlib.deflateRawSync(plain, {
      ...SETTINGS[kind],
      ...dictionaryOf(this.#window),
      windowBits: this.#windowBits,
      finishFlush: ends === 'final' ? Z_FINISH : Z_SYNC_FLUSH,
    });
    const seen = Buffer.concat([this.#window, plain]).subarray(-(2 ** this.#windowBits));
    this.#window = ends === 'final' ? NO_BYTES : seen;
    return bytes;
  }
}

/** True when `bytes` with the tail of §7.2.2 behind them are whole blocks, whatever streams they make. */
export function isMessage(bytes: Buffer): boolean {
  for (let rest = Buffer.concat([bytes, TAIL, END]); rest.length > 0; ) {
    const size = streamSize(rest);
    if (size === null) return false;
    rest = rest.subarray(size);
    // A message may end with a final block: then nothing asks for the tail.
    if (rest.length === TAIL.length + END.length) return true;
  }
  return true;
}

/** The size of the DEFLATE stream that `bytes` begin with, or null when there is none. */
function streamSize(bytes: Buffer): number | null {
  try {
    const options: zlib.ZlibOptions = { info: true };
    // With `info` the result has an engine, which the types do not say.
    const { engine } = zlib.inflateRawSync(bytes, options) as unknown as { engine: { bytesWritten: number } };
    return engine.bytesWritten;
  } catch {
    return null;
  }
}

/** An index of LETTERS that looks like chance. */
function scattered(value: number): number {
  return (Math.imul(value + 1, 2_654_435_761) >>> 20) % LETTERS.length;
}

function dictionaryOf(window: Buffer): zlib.ZlibOptions {
  return window.length === 0 ? {} : { dictionary: window };
}

function describeStream(plain: Buffer, blocks: readonly DeflateBlock[], bytes: Buffer): string {
  const recipe = blocks.map(({ kind, ends }) => (ends === 'final' ? `${kind} final` : kind)).join(', ');
  return `${plain.length} bytes as ${recipe} = ${bytes.toString('hex')}`;
}
