/**
 * Arbitraries for WebSockets: frames, messages, legal runs of frames, wires, and the ways to cut a wire (fast-check).
 *
 * Knows: what RFC 6455 allows, and where implementations break: lengths around 125, 126 and 65,535, control frames
 * between fragments, cuts inside a header, characters cut in two.
 * Does not know: the code under test. Values shrink towards few, short, whole and unmasked-looking ones.
 */
import fc, { type Arbitrary } from 'fast-check';
import type { Frame, Role } from '../../src/codec/frame.js';
import { binary, close, continuation, ping, pong, text, wireOf } from './frames.js';
import { byteByByte, cutAt } from './wire.js';

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

/** Texts of whole characters, from all planes of Unicode. */
export function texts({ maxBytes = 300 }: SizeLimit = {}): Arbitrary<string> {
  return fc.string({ unit: 'binary', maxLength: Math.floor(maxBytes / 4) });
}

/** The four bytes of a masking key; zero and one-byte-wide keys are in it on purpose. */
export function maskKeys(): Arbitrary<Buffer> {
  const any = fc.uint8Array({ minLength: 4, maxLength: 4 });
  return fc.oneof(any, fc.constantFrom([0, 0, 0, 0], [0, 0, 0, 255], [255, 0, 0, 128])).map((key) => Buffer.from(key));
}

/** Pings and pongs, up to 125 bytes. */
export function controlFrames(): Arbitrary<Frame> {
  return fc.tuple(fc.constantFrom(ping, pong), payloads({ maxBytes: 125 })).map(([make, payload]) => make(payload));
}

/** Close codes that may be on the wire (§7.4). */
export function closeCodes(): Arbitrary<number> {
  const ranges = [
    [1000, 1003],
    [1007, 1014],
    [3000, 4999],
  ] as const;
  return fc.oneof(...ranges.map(([min, max]) => fc.integer({ min, max })));
}

/** Close frames: without a code, with one, with a reason. */
export function closeFrames(): Arbitrary<Frame> {
  const coded = fc.tuple(closeCodes(), texts({ maxBytes: 123 })).map(([code, reason]) => close(code, reason));
  return fc.oneof(fc.constant(close()), coded);
}

/** A message as an app has it. */
export type ArbitraryMessage =
  | { readonly type: 'text'; readonly text: string; readonly payload: Buffer }
  | { readonly type: 'binary'; readonly payload: Buffer };

/** Text and binary messages. */
export function messages(limit: SizeLimit = {}): Arbitrary<ArbitraryMessage> {
  return fc.oneof(
    texts(limit).map((value) => ({ type: 'text' as const, text: value, payload: Buffer.from(value) })),
    payloads(limit).map((payload) => ({ type: 'binary' as const, payload })),
  );
}

/** A message cut into fragments, empty ones included; a character may be cut too. Control frames may stand between them. */
export function fragmented(limit: SizeLimit = {}): Arbitrary<{ message: ArbitraryMessage; frames: Frame[] }> {
  const cut = fc.record({ at: fc.nat(), between: fc.array(controlFrames(), { maxLength: 2 }) });
  return fc.tuple(messages(limit), fc.array(cut, { maxLength: 4 })).map(([message, cuts]) => {
    const places = cuts.map(({ at }) => at % (message.payload.length + 1)).sort((a, b) => a - b);
    const first = message.type === 'text' ? text : binary;
    const frames = cutAt(message.payload, places).flatMap((payload, at) => {
      const fragment = (at === 0 ? first : continuation)(payload, at === places.length);
      return [...(at === 0 ? [] : (cuts[at - 1]?.between ?? [])), fragment];
    });
    return { message, frames };
  });
}

/** A legal run of frames, and the messages in it. */
export interface FrameSequence {
  readonly frames: readonly Frame[];
  readonly messages: readonly ArbitraryMessage[];
}

/** Whole and fragmented messages with control frames before, within and after them; no close frame. */
export function frameSequences(limit: SizeLimit & { readonly maxMessages?: number } = {}): Arbitrary<FrameSequence> {
  const entry = fc.oneof(
    { weight: 3, arbitrary: fragmented(limit) },
    { weight: 1, arbitrary: controlFrames().map((frame) => ({ message: null, frames: [frame] })) },
  );
  return fc.array(entry, { minLength: 1, maxLength: limit.maxMessages ?? 5 }).map((entries) => ({
    frames: entries.flatMap(({ frames }) => frames),
    messages: entries.flatMap(({ message }) => (message === null ? [] : [message])),
  }));
}

/** What one side sent: its frames, their bytes, and where in the bytes each frame begins. */
export interface Wire extends FrameSequence {
  readonly bytes: Buffer;
  readonly starts: readonly number[];
}

/** Wires that `from` may write: a client masks every frame with a key of its own, a server none. */
export function wires(from: Role, limit: SizeLimit & { readonly maxMessages?: number } = {}): Arbitrary<Wire> {
  return fc
    .tuple(frameSequences(limit), fc.array(maskKeys(), { minLength: 1, maxLength: 8 }))
    .map(([sequence, keys]) => {
      const pieces = sequence.frames.map((frame, at) =>
        wireOf(frame, from === 'client' ? { key: keys[at % keys.length] } : {}),
      );
      const starts = pieces.map((_, at) => pieces.slice(0, at).reduce((sum, { length }) => sum + length, 0));
      return { ...sequence, bytes: Buffer.concat(pieces), starts };
    });
}

/** A way to cut any wire: as one chunk, byte by byte, or at places counted from the frame that they are near. */
export type Chunking =
  | { readonly way: 'whole' }
  | { readonly way: 'byte by byte' }
  | { readonly way: 'near frames'; readonly places: readonly { readonly frame: number; readonly byte: number }[] };

/** Chunkings biased to the first 14 bytes of frames, where headers, lengths and keys are, and to the last byte. */
export function chunkings(): Arbitrary<Chunking> {
  const byte = fc.oneof(
    { weight: 3, arbitrary: fc.integer({ min: -1, max: 14 }) },
    fc.integer({ min: 0, max: 70_000 }),
  );
  const places = fc.array(fc.record({ frame: fc.nat(), byte }), { maxLength: 12 });
  return fc.oneof(
    { weight: 1, arbitrary: fc.constantFrom<Chunking>({ way: 'whole' }, { way: 'byte by byte' }) },
    { weight: 6, arbitrary: places.map((list) => ({ way: 'near frames' as const, places: list })) },
  );
}

/** The chunks of `wire`, as views. */
export function cutBy(chunking: Chunking, wire: Pick<Wire, 'bytes' | 'starts'>): Buffer[] {
  if (chunking.way === 'whole') return [wire.bytes];
  if (chunking.way === 'byte by byte') return byteByByte(wire.bytes);
  const { length } = wire.bytes;
  const positions = chunking.places.map(({ frame, byte }) => {
    const start = wire.starts[frame % Math.max(wire.starts.length, 1)] ?? 0;
    return Math.min(Math.max(start + (start + byte > length ? byte % 15 : byte), 0), length);
  });
  return cutAt(
    wire.bytes,
    positions.sort((a, b) => a - b),
  );
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

/** Bytes from a hostile peer: a legal wire with a few bytes changed, dropped or put in; sometimes pure noise. */
export function hostileWires(from: Role, limit: SizeLimit = {}): Arbitrary<Buffer> {
  const noise = fc.uint8Array({ maxLength: 64 }).map((bytes) => Buffer.from(bytes));
  const change = fc.record({
    at: fc.nat(),
    take: fc.integer({ min: 0, max: 2 }),
    put: fc.uint8Array({ maxLength: 3 }),
  });
  const changed = fc
    .tuple(wires(from, limit), fc.array(change, { minLength: 1, maxLength: 3 }))
    .map(([wire, changes]) =>
      changes.reduce((bytes, { at, take, put }) => {
        const from = at % (bytes.length + 1);
        return Buffer.concat([bytes.subarray(0, from), put, bytes.subarray(from + take)]);
      }, wire.bytes),
    );
  return fc.oneof({ weight: 4, arbitrary: changed }, { weight: 1, arbitrary: noise });
}
