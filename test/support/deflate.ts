/**
 * Compression for tests: contexts with any settings, a message through an inflater, compressed bytes made by Node's zlib.
 *
 * Knows: how Inflater is meant to be driven, and RFC 7692 §7.2.1 as plainly as zlib's public calls can say it.
 * Does not know: the code that compresses.
 */
import zlib from 'node:zlib';
import fc, { type Arbitrary } from 'fast-check';
import type { Frame } from '../../src/codec/frame.js';
import type { DeflateDirection } from '../../src/deflate/agreement.js';
import { type DeflateOptions, deflateSettings } from '../../src/deflate/options.js';
import { Compression } from '../../src/deflate/stream/compression.js';
import type { Inflater } from '../../src/deflate/stream/inflater.js';
import { SCRATCH } from '../../src/deflate/stream/zlib-context.js';

/** Contexts for connections that share `options`. */
export function compression(options: DeflateOptions = {}): Compression {
  const settings = deflateSettings(options);
  if (settings === null) throw new Error('These options switch compression off.');
  return new Compression(settings);
}

export const TAKEOVER: DeflateDirection = { windowBits: 15, takeover: true };
export const NO_TAKEOVER: DeflateDirection = { windowBits: 15, takeover: false };

/** An inflater with contexts of its own. */
export function inflaterFor(inflate: DeflateDirection = TAKEOVER): Inflater {
  return compression().inflater({ inflate });
}

/** What `message`, whole or in pieces, inflates to, asked for in slices of at most `budget` bytes. */
export function inflated(inflater: Inflater, message: Buffer | readonly Buffer[], budget = 65_536): Buffer {
  const pieces = Buffer.isBuffer(message) ? [message] : message;
  const out: Buffer[] = [];
  pieces.forEach((piece, at) => {
    inflater.push(piece, 0, piece.length, at === pieces.length - 1);
    for (let size = inflater.next(budget); size !== 0; size = inflater.next(budget)) {
      if (size > budget) throw new Error(`A slice of ${size} for ${budget}.`);
      out.push(Buffer.from(SCRATCH.subarray(0, size)));
    }
  });
  if (!inflater.done) throw new Error('The message did not end.');
  return Buffer.concat(out);
}

/** `plain` as one message, compressed by a fresh zlib: §7.2.1 step by step. */
export function compressed(plain: string | Buffer, options: zlib.ZlibOptions = {}): Buffer {
  const stream = zlib.deflateRawSync(plain, { ...options, finishFlush: zlib.constants.Z_SYNC_FLUSH });
  return stream.subarray(0, stream.length - 4);
}

/** `size` zeros as one message without its tail, made in no time: DEFLATE streams can be strung together after a flush. */
export function bomb(size: number): Buffer {
  const mebibyte = zlib.deflateRawSync(Buffer.alloc(2 ** 20), { finishFlush: zlib.constants.Z_FULL_FLUSH });
  const whole = Buffer.concat(new Array<Buffer>(size / 2 ** 20).fill(mebibyte));
  return whole.subarray(0, whole.length - 4);
}

/** What a handshake with `deflate: true` on both sides and no parameters agrees on. */
export const AGREED = [{ name: 'permessage-deflate', parameters: [] }] as const;

/** The same, where both sides forget their window after each message. */
export const AGREED_NO_TAKEOVER = [
  {
    name: 'permessage-deflate',
    parameters: ['server_no_context_takeover', 'client_no_context_takeover'].map((name) => ({ name, value: null })),
  },
] as const;

/** A message as its reader has it. */
export interface ReadMessage {
  readonly type: 'text' | 'binary';
  readonly payload: Buffer;
  readonly compressed: boolean;
}

/**
 * The messages in data frames, by Node's zlib: with takeover all compressed messages, each with its tail, are one stream
 * (RFC 7692 §7.2.3.2), without each is one by itself. Control frames are passed over.
 */
export function readMessages(frames: readonly Frame[], takeover = true): ReadMessage[] {
  const messages: ReadMessage[] = [];
  let stream: Buffer = Buffer.alloc(0);
  let fragments: Frame[] = [];
  for (const frame of frames.filter(({ opcode }) => opcode < 8)) {
    fragments.push(frame);
    if (!frame.fin) continue;
    const [first = frame] = fragments;
    const raw = Buffer.concat(fragments.map(({ payload }) => payload));
    fragments = [];
    const before = takeover ? inflatedSync(stream).length : 0;
    if (first.rsv1) stream = Buffer.concat([takeover ? stream : Buffer.alloc(0), raw, TAIL]);
    const payload = first.rsv1 ? inflatedSync(stream).subarray(before) : raw;
    messages.push({ type: first.opcode === 1 ? 'text' : 'binary', payload, compressed: first.rsv1 });
  }
  return messages;
}

const TAIL = Buffer.from('0000ffff', 'hex');

function inflatedSync(stream: Buffer): Buffer {
  return stream.length === 0 ? stream : zlib.inflateRawSync(stream, { finishFlush: zlib.constants.Z_SYNC_FLUSH });
}

/** Payloads that compress well, badly and not at all; some long enough for several slices. */
export function compressibles(): Arbitrary<Buffer> {
  const words = fc.array(fc.constantFrom('{"id":', '"name"', 'alpha', 'beta', ',', '12345', ' '), { maxLength: 60 });
  const noise = fc.uint8Array({ maxLength: 400 }).map((bytes) => Buffer.from(bytes));
  const repeated = fc
    .tuple(fc.uint8Array({ minLength: 1, maxLength: 50 }), fc.integer({ min: 1, max: 3_000 }))
    .map(([bytes, times]) => Buffer.concat(new Array<Uint8Array>(times).fill(bytes)));
  return fc.oneof(
    { weight: 4, arbitrary: words.map((list) => Buffer.from(list.join(''))) },
    { weight: 2, arbitrary: noise },
    { weight: 1, arbitrary: repeated },
  );
}

/** Every agreement on one direction. */
export function directions(): Arbitrary<DeflateDirection> {
  return fc.record({ windowBits: fc.integer({ min: 8, max: 15 }), takeover: fc.boolean() });
}
