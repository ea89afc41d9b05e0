/**
 * Compressed messages from a small generator of numbers: most of them as RFC 7692 §7.2.1 wants them, some spoiled.
 *
 * Knows: every way in which zlib ends a piece, what a window may still refer to, bytes that no inflater should take.
 * Does not know: frames, or what is legal; the implementations under test say so.
 */
import zlib from 'node:zlib';
import type { DeflateDirection } from '../../../src/deflate/agreement.js';

/** A whole number from 0 up to and without `limit`. */
export type Pick = (limit: number) => number;

const { Z_SYNC_FLUSH, Z_FULL_FLUSH, Z_FINISH, Z_DEFAULT_STRATEGY, Z_FIXED, Z_HUFFMAN_ONLY, Z_RLE } = zlib.constants;

/** What the sender takes off (§7.2.1). */
const TAIL_BYTES = 4;
const NO_BYTES = Buffer.alloc(0);

/** Dynamic and fixed codes, no codes at all, short windows. */
const SHAPES = [
  { level: 6, strategy: Z_DEFAULT_STRATEGY },
  { level: 6, strategy: Z_DEFAULT_STRATEGY },
  { level: 1, strategy: Z_DEFAULT_STRATEGY },
  { level: 9, strategy: Z_FIXED },
  { level: 6, strategy: Z_HUFFMAN_ONLY },
  { level: 6, strategy: Z_RLE },
  { level: 0, strategy: Z_DEFAULT_STRATEGY },
];

const WORDS = ['{"id":', '"name"', 'alpha', 'é€', '😀', ',', '12345', ' ', 'aaaaaaaaaaaaaaaaaaaaaaaa'].map((word) =>
  Buffer.from(word),
);
const SIZES = [0, 1, 2, 5, 20, 60, 125, 300, 600, 990, 1_000, 1_001, 1_100, 4_000];

/**
 * Whole payloads that a generator would not come by: empty ones, the RFC's own, final blocks, codes that do not exist,
 * a length that its complement denies, a distance before the beginning, a stored block that the tail seems to complete.
 */
const ODD = [
  [
    '',
    '00',
    '0300',
    '030000',
    '01000000ffff',
    '01000000ffff00',
    'f248cdc9c90700',
    'f348cdc9c9070000',
    'f24805000000ffffcac9c90700',
  ],
  [
    '07',
    '06',
    'ff',
    '0001',
    '000000ff',
    '0005000500',
    '000500faff48656c6c6f',
    '000500faff4865',
    '02',
    '63',
    '6300',
    '630000',
  ],
  [
    '0b',
    '0b0400',
    '4b04d200',
    '05c0',
    '04c08108000000',
    'fdff',
    'edfd',
    '000100feff',
    '0000ff00ff',
    '000000ffff',
    '00000000ffff',
  ],
]
  .flat()
  .map((digits) => Buffer.from(digits, 'hex'));

/** One sender: each call makes the payload of a message that may refer to those before it. */
export function deflatedMessages(pick: Pick, { windowBits, takeover }: DeflateDirection): () => Buffer {
  const shape = SHAPES[pick(SHAPES.length)] ?? {};
  const options = { ...shape, windowBits: Math.max(windowBits, 9), memLevel: 1 };
  // zlib looks back 262 bytes less than its window, so with 9 bits at most 250: legal with 8 bits, too.
  const reach = 2 ** options.windowBits;
  let window: Buffer = NO_BYTES;

  const piece = (finishFlush: number): Buffer => {
    const plain = plainBytes(pick);
    const dictionary = window.length === 0 ? {} : { dictionary: window };
    const bytes = zlib.deflateRawSync(plain, { ...options, ...dictionary, finishFlush });
    window = finishFlush === Z_FINISH ? NO_BYTES : Buffer.concat([window, plain]).subarray(-reach);
    return bytes;
  };

  return () => {
    if (!takeover) window = NO_BYTES;
    if (pick(12) === 0) return ODD[pick(ODD.length)] ?? NO_BYTES;
    const pieces: Buffer[] = [];
    for (let more = pick(3); more > 0; more--) pieces.push(piece([Z_SYNC_FLUSH, Z_FULL_FLUSH, Z_FINISH][pick(3)] ?? 0));
    const ending = pick(8);
    const last = piece(ending === 0 ? Z_FINISH : ending === 1 ? Z_FULL_FLUSH : Z_SYNC_FLUSH);
    if (ending === 0) pieces.push(last, Buffer.alloc(pick(2)));
    else pieces.push(pick(40) === 0 ? last : last.subarray(0, -TAIL_BYTES));
    const message = Buffer.concat(pieces);
    return pick(5) === 0 ? spoiled(pick, message) : message;
  };
}

/** Text, mostly; now and then not UTF-8, or a run that inflates to more than any limit. */
function plainBytes(pick: Pick): Buffer {
  const size = SIZES[pick(pick(4) === 0 ? SIZES.length : 7)] ?? 0;
  if (pick(10) === 0) return Buffer.alloc(size, pick(256));
  if (pick(10) === 0) return Buffer.from(Array.from({ length: Math.min(size, 300) }, () => pick(256)));
  const words: Buffer[] = [];
  for (let length = 0; length < size; ) {
    const word = WORDS[pick(WORDS.length)] ?? NO_BYTES;
    words.push(word);
    length += word.length;
  }
  return Buffer.concat(words);
}

/** A bit flipped, a byte changed, dropped or put in, or the end cut off. */
function spoiled(pick: Pick, message: Buffer): Buffer {
  if (message.length === 0) return message;
  const at = pick(message.length);
  const before = message.subarray(0, at);
  const bytes = Buffer.from(message);
  switch (pick(5)) {
    case 0:
      bytes[at] = (bytes[at] ?? 0) ^ (1 << pick(8));
      return bytes;
    case 1:
      bytes[at] = pick(256);
      return bytes;
    case 2:
      return Buffer.concat([before, message.subarray(at + 1)]);
    case 3:
      return Buffer.concat([before, Buffer.from([pick(256)]), message.subarray(at)]);
    default:
      return Buffer.from(before);
  }
}
