/**
 * Arbitraries of bytes: payloads, texts, masking keys, text that is nearly UTF-8.
 *
 * Knows: the lengths at which the form of a header, a copy or a kernel changes, and the byte sequences that UTF-8
 * decoders get wrong.
 * Does not know: frames. Values shrink towards few, small bytes.
 */
import { Buffer } from 'node:buffer';
import fc, { type Arbitrary } from 'fast-check';

/** How large a payload or a message may become. */
export interface SizeLimit {
  /** The largest payload of one frame or message, in bytes. Default 300: past the first change of the length's form. */
  readonly maxBytes?: number | undefined;
}

/** Lengths at which the form of a header, a copy or a kernel changes. */
const EDGES = [0, 1, 3, 4, 15, 16, 47, 48, 125, 126, 127, 4_096, 8_192, 16_384, 16_385, 65_535, 65_536];

/** Payloads of any bytes, biased to the lengths where something changes. */
export function payloads({ maxBytes = 300 }: SizeLimit = {}): Arbitrary<Buffer> {
  const edges = EDGES.filter((edge) => edge <= maxBytes);
  const filled = fc
    .record({ length: fc.constantFrom(...edges), seed: fc.integer({ min: 0, max: 255 }) })
    .map(({ length, seed }) => Buffer.from(Uint8Array.from({ length }, (_, at) => seed + at * 7)));
  const free = fc.uint8Array({ maxLength: Math.min(maxBytes, 64) }).map((bytes) => Buffer.from(bytes));
  return fc.oneof({ weight: 3, arbitrary: free }, { weight: 2, arbitrary: filled });
}

/** Texts of whole characters, from all planes of Unicode; at most `maxBytes` of UTF-8. */
export function texts({ maxBytes = 300 }: SizeLimit = {}): Arbitrary<string> {
  return fc.string({ unit: 'binary', maxLength: Math.floor(maxBytes / 4) });
}

/** The four bytes of a masking key; zero and one-byte-wide keys are in it on purpose. */
export function maskKeys(): Arbitrary<Buffer> {
  const any = fc.uint8Array({ minLength: 4, maxLength: 4 });
  return fc.oneof(any, fc.constantFrom([0, 0, 0, 0], [0, 0, 0, 255], [255, 0, 0, 128])).map((key) => Buffer.from(key));
}

/** A byte sequence that no UTF-8 text has, and the index in it of the first byte that proves so. */
export interface BadUtf8 {
  /** One to four bytes, to be put between whole characters. */
  readonly bytes: Buffer;
  /** Index in `bytes` at which a strict decoder fails. */
  readonly proof: number;
}

const BAD_UTF8 = [
  ['ff', 0],
  ['80', 0],
  ['c0', 0],
  ['c1', 0],
  ['f5', 0],
  ['c341', 1],
  ['e080', 1],
  ['e09f', 1],
  ['eda0', 1],
  ['f08f', 1],
  ['f490', 1],
  ['e28241', 2],
  ['f09f9841', 3],
] as const;

/** Continuation bytes without a lead, overlong forms, surrogates, code points above U+10FFFF, characters that break off. */
export function badUtf8(): Arbitrary<BadUtf8> {
  return fc.constantFrom(...BAD_UTF8).map(([digits, proof]) => ({ bytes: Buffer.from(digits, 'hex'), proof }));
}

/** Bytes that are nearly UTF-8: leads of every length, continuation bytes, surrogates, overlong forms, whole characters. */
export function almostUtf8(maxPieces = 12): Arbitrary<Buffer> {
  const characters = texts({ maxBytes: 16 }).map((value) => Buffer.from(value));
  const famous = ['c080', 'c1bf', 'e08080', 'e09f', 'eda080', 'edbfbf', 'ed9fbf', 'f08080', 'f08f', 'f48fbfbf', 'f490'];
  const piece = fc.oneof(
    { weight: 4, arbitrary: characters },
    { weight: 2, arbitrary: fc.constantFrom(...famous).map((digits) => Buffer.from(digits, 'hex')) },
    { weight: 2, arbitrary: fc.integer({ min: 0x80, max: 0xff }).map((byte) => Buffer.from([byte])) },
    { weight: 1, arbitrary: fc.integer({ min: 28, max: 70 }).map((size) => Buffer.alloc(size, 'plain ascii ')) },
  );
  return fc.array(piece, { maxLength: maxPieces }).map((pieces) => Buffer.concat(pieces));
}
