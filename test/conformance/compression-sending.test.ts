/** RFC 7692 §6.1 and §7.2.1: the compressed messages that we send, read with Node's own zlib. */
import { randomBytes } from 'node:crypto';
import zlib from 'node:zlib';
import type { Frame, Role } from '../../src/codec/frame.js';
import type { MessageOptions, WritableMessage } from '../../src/duplex/outgoing.js';
import { readMessages } from '../support/deflate.js';
import { meet, ROLES } from './support/meeting.js';

const WORDS = 'one message after the other, each of them like the one before; ';
const TAIL = Buffer.from('0000ffff', 'hex');
type Written = readonly [WritableMessage, MessageOptions?];

/** The data frames of these messages, under what was agreed on. */
async function framesOf(role: Role, extensions: string, ...messages: readonly Written[]): Promise<readonly Frame[]> {
  const { ws, peer } = await meet(role, {}, extensions);
  for (const [message, options] of messages) ws.write(message, options);
  const ends = () => peer.frames.filter(({ opcode, fin }) => opcode < 8 && fin);
  await peer.until(() => ends().length === messages.length);
  return peer.frames.filter(({ opcode }) => opcode < 8);
}

/** The payloads of the messages, with RSV1 or without. */
const wireSizes = (frames: readonly Frame[]) => frames.map(({ payload }) => payload.length);

/** What concerns our side: we are the client, or the server. */
const ours = (role: Role, parameter: string) => `permessage-deflate; ${role}_${parameter}`;

describe.each(ROLES)('as %s', (role) => {
  test('§6.1 RSV1 is set on a compressed message, on its first frame only, and the opcode stays', async () => {
    const pieces = [WORDS, WORDS, WORDS];
    const frames = await framesOf(
      role,
      'permessage-deflate',
      [WORDS.repeat(9)],
      [pieces],
      [Buffer.from(WORDS.repeat(9))],
    );
    expect(frames.filter(({ rsv1 }) => rsv1).map(({ opcode }) => opcode)).toEqual([1, 1, 2]);
    expect(frames.filter(({ opcode, rsv1 }) => opcode === 0 && rsv1)).toEqual([]);
    expect(readMessages(frames).map(({ payload }) => payload.toString())).toEqual([
      WORDS.repeat(9),
      WORDS.repeat(3),
      WORDS.repeat(9),
    ]);
  });

  test('§6.1 a message that is not compressed has RSV1 clear: short, or by its option', async () => {
    const frames = await framesOf(role, 'permessage-deflate', ['short'], [WORDS.repeat(9), { compress: false }]);
    expect(frames.map(({ rsv1, payload }) => [rsv1, payload.toString()])).toEqual([
      [false, 'short'],
      [false, WORDS.repeat(9)],
    ]);
  });

  test('§7.2.1 the four octets of the tail are taken off, at the end of a message and nowhere else', async () => {
    const frames = await framesOf(role, 'permessage-deflate', [WORDS.repeat(9)], [['one ', 'two ', 'three']]);
    const [whole, ...fragments] = frames;
    expect(whole?.payload.subarray(-4).equals(TAIL)).toBe(false);
    expect(zlib.inflateRawSync(Buffer.concat([whole?.payload ?? TAIL, TAIL, Buffer.from([3, 0])])).toString()).toBe(
      WORDS.repeat(9),
    );
    expect(fragments.length).toBeGreaterThan(1);
    // A fragment that is not the last one may be read by itself: it ends where a byte ends.
    for (const { payload, fin } of fragments.filter(({ payload }) => payload.length > 1)) {
      expect(payload.subarray(-4).equals(TAIL)).toBe(!fin);
    }
  });

  test('§7.2.3.6 an empty message, and one that ends without a further byte', async () => {
    const frames = await framesOf(role, 'permessage-deflate', ['', { compress: true }], [[WORDS, '']]);
    const [empty, ...rest] = readMessages(frames);
    expect([empty, rest[0]?.payload.toString(), rest[0]?.compressed]).toEqual([
      { type: 'text', payload: Buffer.alloc(0), compressed: expect.any(Boolean) },
      WORDS,
      true,
    ]);
  });

  test('§7.2.1 with context takeover a message that is like the one before is small', async () => {
    const noise = Buffer.from(randomBytes(500).toString('hex'));
    const frames = await framesOf(role, 'permessage-deflate', [noise, { compress: true }], [noise, { compress: true }]);
    const [first = 0, second = 0] = wireSizes(frames);
    expect([first > 500, second < 100]).toEqual([true, true]);
    expect(readMessages(frames).map(({ payload }) => payload)).toEqual([noise, noise]);
  });

  test('§7.2.1 without context takeover each message is compressed by itself', async () => {
    const frames = await framesOf(role, ours(role, 'no_context_takeover'), [WORDS.repeat(20)], [WORDS.repeat(20)]);
    const [first, second] = frames.map(({ payload }) => payload);
    expect(first).toEqual(second);
    expect(readMessages(frames, false).map(({ payload }) => payload.toString())).toEqual([
      WORDS.repeat(20),
      WORDS.repeat(20),
    ]);
  });

  test('§7.2.1 the other side’s parameters are no reason to forget our window', async () => {
    const other = role === 'server' ? 'client' : 'server';
    const frames = await framesOf(role, ours(other, 'no_context_takeover'), [WORDS.repeat(20)], [WORDS.repeat(20)]);
    const [first = 0, second = 0] = wireSizes(frames);
    expect(second).toBeLessThan(first / 2);
  });

  test.each([8, 9, 10, 12, 15])('§7.2.1 a window of 2^%i bytes is never reached beyond', async (bits) => {
    const noise = randomBytes(2 ** bits);
    const near = randomBytes(2 ** bits / 8);
    const message = Buffer.concat([noise, near, near, noise]);
    const frames = await framesOf(
      role,
      ours(role, `max_window_bits=${bits}`),
      [message, { compress: true }],
      [message, { compress: true }],
    );
    // What repeats at a distance beyond the window costs its full size; a reference beyond it would make it small.
    for (const size of wireSizes(frames)) expect(size).toBeGreaterThan(noise.length * 2);
    const raw = Buffer.concat(frames.flatMap(({ payload, rsv1 }) => (rsv1 ? [payload, TAIL] : [])));
    expect(
      inflatedInSmallSteps(raw, bits).equals(Buffer.concat(frames.filter(({ rsv1 }) => rsv1).map(() => message))),
    ).toBe(true);
  });
});

/** Inflated 64 bytes at a time, so that zlib has nothing but its window to look back at. */
function inflatedInSmallSteps(raw: Buffer, windowBits: number): Buffer {
  return zlib.inflateRawSync(raw, { windowBits, chunkSize: 64, finishFlush: zlib.constants.Z_SYNC_FLUSH });
}
