import { randomBytes } from 'node:crypto';
import { Opcode } from '../../../src/codec/frame.js';
import type { DeflateOptions } from '../../../src/deflate/options.js';
import { MOST_JOBS } from '../../../src/deflate/stream/aside.js';
import { Moment } from '../../../src/duplex/moment.js';
import { prepare } from '../../../src/duplex/prepared-message.js';
import { largestFrame, type SessionDeflate, sessionDeflate } from '../../../src/duplex/session-deflate.js';
import type { SharedFrame } from '../../../src/duplex/shared-frame.js';
import { AGREED, AGREED_NO_TAKEOVER, compression, readMessages } from '../../support/deflate.js';
import { frameOf } from '../../support/frames.js';
import { turns } from '../../support/streams.js';

const KIB = 1024;
const SENTENCE = 'the quick brown fox jumps over the quick brown dog; ';

/** A session, and the frames that it has sent. */
function session(options: DeflateOptions = {}, extensions: typeof AGREED | typeof AGREED_NO_TAKEOVER = AGREED) {
  const shared = compression(options);
  const deflate = sessionDeflate(extensions, 'server', shared, 1_000_000) as SessionDeflate;
  const frames: ReturnType<typeof frameOf>[] = [];
  const send = (opcode: number, fin: boolean, payload: Buffer, rsv1 = false) => {
    frames.push(frameOf(opcode, payload, { fin, rsv1 }));
    return null;
  };
  return { deflate, shared, frames, send };
}

test('without an agreement, or without settings of ours, there is none', () => {
  const shared = compression();
  expect(sessionDeflate([], 'server', shared, 1)).toBeNull();
  expect(sessionDeflate([{ name: 'x-other', parameters: [] }], 'server', shared, 1)).toBeNull();
  expect(sessionDeflate(AGREED, 'client', null, 1)).toBeNull();
  expect(shared.contexts).toEqual({ deflating: 0, inflating: 0 });
});

test('a message is compressed from the threshold on; a word for this one goes before it', () => {
  const { deflate } = session({ threshold: 100 });
  expect([99, 100].map((bytes) => deflate.wants(bytes, undefined))).toEqual([false, true]);
  expect([99, 100].map((bytes) => deflate.wants(bytes, true))).toEqual([true, true]);
  expect([99, 100].map((bytes) => deflate.wants(bytes, false))).toEqual([false, false]);
});

test('the threshold counts bytes, of text too', () => {
  const { deflate } = session({ threshold: 100 });
  const texts = ['a'.repeat(99), 'a'.repeat(100), '€'.repeat(33), '€'.repeat(34), 'é'.repeat(49), 'é'.repeat(50)];
  expect(texts.map((text) => deflate.wantsText(text, undefined))).toEqual([false, true, false, true, false, true]);
  expect(texts.map((text) => deflate.wantsText(text, false)).includes(true)).toBe(false);
  expect(deflate.wantsText('', true)).toBe(true);
});

test('a long message leaves as one frame, compressed elsewhere; what follows refers to nothing before it', async () => {
  const { deflate, frames, send } = session();
  const short = () => send(Opcode.text, true, deflate.compress(Buffer.from(SENTENCE)) ?? Buffer.alloc(0), true);
  const payload = Buffer.alloc(300 * KIB, SENTENCE);
  expect([32 * KIB, 32 * KIB + 1].map((bytes) => deflate.isShort(bytes))).toEqual([true, false]);
  short();
  await deflate.sendLong(Opcode.binary, payload, send);
  short();
  expect(frames.map(({ fin }) => fin)).toEqual([true, true, true]);
  expect(readMessages(frames).map(({ payload: { length } }) => length)).toEqual([
    SENTENCE.length,
    300 * KIB,
    SENTENCE.length,
  ]);
  expect(frames[2]?.payload).toEqual(frames[0]?.payload);
});

test('a long message that does not become smaller leaves as it is, and what follows still refers to what was before', async () => {
  const { deflate, frames, send } = session();
  const first = deflate.compress(Buffer.from(SENTENCE))?.length ?? 0;
  const payload = randomBytes(300 * KIB);
  await deflate.sendLong(Opcode.binary, payload, send);
  expect(frames).toEqual([frameOf(2, payload)]);
  expect(deflate.compress(Buffer.from(SENTENCE))?.length).toBeLessThan(first / 2);
});

test.each([
  ['becomes smaller', 6, true],
  ['does not', 0, false],
])('a long text that %s reaches its reader', async (_, level, isSmaller) => {
  const { deflate, frames, send } = session({ level });
  const text = `${SENTENCE}é`.repeat(6_000);
  await deflate.sendLong(Opcode.text, text, send);
  expect(frames.map(({ fin, rsv1 }) => [fin, rsv1])).toEqual([[true, isSmaller]]);
  expect(readMessages(frames)).toEqual([{ type: 'text', payload: Buffer.from(text), compressed: isSmaller }]);
});

test('a long message is under way until `send` is done with it', async () => {
  const { deflate } = session();
  const [sent, gone, settled] = [new Moment<void>(), new Moment<void>(), jest.fn()];
  const sending = deflate.sendLong(Opcode.binary, Buffer.alloc(300 * KIB), () => {
    sent.resolve();
    return gone.promise;
  });
  void sending.then(settled);
  await sent.promise;
  await turns(3);
  expect(settled).not.toHaveBeenCalled();
  gone.resolve();
  await sending;
});

test('a long message of a session that was closed is up to `send`, which knows', async () => {
  const { deflate } = session();
  const sending = deflate.sendLong(Opcode.binary, Buffer.alloc(300 * KIB), () => {
    throw new Error('closed');
  });
  deflate.close();
  await expect(sending).rejects.toThrow('closed');
});

test('of many long messages only those of open sessions are compressed', async () => {
  const { shared, send } = session();
  const compress = jest.spyOn(shared.aside, 'compress');
  const make = () => sessionDeflate(AGREED, 'server', shared, 1) as SessionDeflate;
  const sessions = Array.from({ length: 20 }, make);
  const all = sessions.map((one) => one.sendLong(Opcode.binary, Buffer.alloc(300 * KIB), send));
  for (const one of sessions.slice(1)) one.close();
  await Promise.all(all);
  const made = await Promise.all(compress.mock.results.map(({ value }) => value as Promise<Buffer | null>));
  // These had begun.
  expect(made.filter((one) => one !== null)).toHaveLength(MOST_JOBS);
});

describe('pieces of a message', () => {
  test('each can be read before the next one is there', () => {
    const { deflate, frames, send } = session();
    const compressing = deflate.compressing(send);
    const pieces = ['one, ', 'one, two, ', '', 'one, two, three'];
    pieces.forEach((piece, at) => {
      void compressing(at === 0 ? Opcode.text : Opcode.continuation, false, Buffer.from(piece));
      const unfinished = [
        ...frames.slice(0, -1),
        frameOf(0, Buffer.concat([frames.at(-1)?.payload ?? Buffer.alloc(0)])),
      ];
      if (at === 0) return;
      expect(String(readMessages(unfinished)[0]?.payload)).toBe(pieces.slice(0, at + 1).join(''));
    });
    void compressing(Opcode.continuation, true, Buffer.alloc(0));
    expect(readMessages(frames)).toEqual([{ type: 'text', payload: Buffer.from(pieces.join('')), compressed: true }]);
  });

  test('one piece of a megabyte, or ten thousand of a few bytes, let others have turns', async () => {
    for (const pieces of [[Buffer.alloc(KIB * KIB, SENTENCE)], new Array<Buffer>(10_000).fill(Buffer.from('abc'))]) {
      const { deflate, frames, send } = session();
      let [passed, counter] = [0, setImmediate(() => {})];
      const count = () => {
        passed++;
        counter = setImmediate(count);
      };
      count();
      const compressing = deflate.compressing(send);
      for (const [at, piece] of pieces.entries()) await compressing(at === 0 ? Opcode.binary : 0, false, piece);
      await compressing(Opcode.continuation, true, Buffer.alloc(0));
      clearImmediate(counter);
      expect(passed).toBeGreaterThanOrEqual(15);
      expect(readMessages(frames)[0]?.payload.equals(Buffer.concat(pieces))).toBe(true);
    }
  });
});

describe('a prepared message', () => {
  test('is compressed once for each window, at once when it is short', async () => {
    for (const text of [SENTENCE.repeat(30), SENTENCE.repeat(9_000)]) {
      const message = prepare(text);
      const first = session().deflate.shared(message);
      expect(first instanceof Promise).toBe(text.length > 32_768);
      expect(session().deflate.shared(message)).toBe(first);
      const shared = await first;
      expect([shared.isCompressed, shared.payload.length < text.length / 4]).toEqual([true, true]);
      expect(session({}, AGREED_NO_TAKEOVER).deflate.shared(message)).toBe(shared);
      expect(await session({ serverMaxWindowBits: 9 }).deflate.shared(message)).not.toBe(shared);
    }
  });

  test('what goes out after it refers to nothing before it', () => {
    const { deflate, frames } = session();
    const text = Buffer.from(SENTENCE.repeat(9));
    const plain = () => frames.push(frameOf(1, deflate.compress(text) ?? '', { rsv1: true }));
    plain();
    const { payload: shared } = deflate.shared(prepare('something else '.repeat(30))) as SharedFrame;
    frames.push(frameOf(1, shared, { rsv1: true }));
    deflate.sendsShared();
    plain();
    plain();
    expect(readMessages(frames).map(({ payload }) => String(payload))).toEqual([
      SENTENCE.repeat(9),
      'something else '.repeat(30),
      SENTENCE.repeat(9),
      SENTENCE.repeat(9),
    ]);
    const [first, , third, fourth] = frames.map(({ payload }) => payload.length);
    expect(third).toBe(first);
    expect(fourth).toBeLessThan(Number(first) / 2);
  });

  test('one that does not become smaller is sent plain, and costs the others nothing', () => {
    const { deflate } = session();
    const text = Buffer.from(JSON.stringify({ id: 1, name: 'somebody', tags: ['a', 'b'] }).repeat(2));
    const first = deflate.compress(text)?.length ?? 0;
    const noise = prepare(randomBytes(500));
    expect(deflate.shared(noise)).toBe(noise.plain);
    expect(deflate.compress(text)?.length).toBeLessThan(first / 2);
  });

  test.each([
    ['under the threshold', prepare('short'), undefined, false],
    ['under it, by its own word', prepare('so so so so so so so so', { compress: true }), undefined, true],
    ['over it, by its own word', prepare(SENTENCE.repeat(9), { compress: false }), undefined, false],
    ['by the word of `write`', prepare(SENTENCE.repeat(9), { compress: false }), true, true],
  ] as const)('%s', (_, message, choice, compressed) => {
    expect((session().deflate.shared(message, choice) as SharedFrame).isCompressed).toBe(compressed);
  });

  test('closing the session that compresses it leaves it to the others', async () => {
    const { deflate } = session();
    const message = prepare(Buffer.alloc(300 * KIB, SENTENCE));
    const made = deflate.shared(message);
    deflate.close();
    expect((await made).payload.length).toBeLessThan(3_000);
    expect(session().deflate.shared(message)).toBe(await made);
  });
});

test('close gives both contexts back', () => {
  const { deflate, shared } = session();
  deflate.compress(Buffer.from(SENTENCE));
  deflate.close();
  deflate.close();
  expect(shared.contexts).toEqual({ deflating: 1, inflating: 0 });
  const other = sessionDeflate(AGREED, 'client', shared, 1);
  other?.compress(Buffer.from(SENTENCE));
  expect(shared.contexts.deflating).toBe(1);
});

test('a frame may be larger than the largest message by what compressing can add, unless the user said less', () => {
  expect(largestFrame({ maxMessageBytes: 1_000, maxFrameBytes: 1_000 })).toBe(1_189);
  expect(largestFrame({ maxMessageBytes: 1_000, maxFrameBytes: 999 })).toBe(999);
  expect(largestFrame({ maxMessageBytes: Infinity, maxFrameBytes: Infinity })).toBe(Infinity);
});
