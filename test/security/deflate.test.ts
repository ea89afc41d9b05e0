/** The section "Compression" of the threats that broke others, as far as negotiation, contexts and stages go. */
import zlib from 'node:zlib';
import type { Frame } from '../../src/codec/frame.js';
import { Opcode } from '../../src/codec/frame.js';
import type { FramePart } from '../../src/codec/frame-part.js';
import { MessageAssembler } from '../../src/codec/message-assembler.js';
import { FrameInflater } from '../../src/deflate/stream/frame-inflater.js';
import { PartInflater } from '../../src/deflate/stream/part-inflater.js';
import { LimitError } from '../../src/errors.js';
import { bomb, compressed, compression, inflated, NO_TAKEOVER, TAKEOVER } from '../support/deflate.js';
import { frameOf } from '../support/frames.js';
import { turns } from '../support/streams.js';
import { inChunksOf } from '../support/wire.js';

const MIB = 2 ** 20;
const GIB = 2 ** 30;
const AGREED = [{ name: 'permessage-deflate', parameters: [] }];
const NOWHERE = { offset: 0, frame: 0 };

/** Parts of one compressed message, as the parser gives them: one frame cut by chunks, or a fragment for each chunk. */
function partsOf(message: Buffer, chunkBytes: number, form: 'frame' | 'fragments'): FramePart[] {
  const chunks = inChunksOf(chunkBytes, message);
  return chunks.map((bytes, at) => {
    const [isFirst, isLast] = [at === 0, at === chunks.length - 1];
    const inFragments = form === 'fragments';
    const opcode = isFirst || !inFragments ? Opcode.binary : Opcode.continuation;
    const length = inFragments ? bytes.length : message.length;
    const header = { opcode, fin: isLast || !inFragments, rsv1: opcode !== 0, masked: false, length, key: 0 };
    return {
      header,
      bytes,
      views: null,
      key: 0,
      start: 0,
      end: bytes.length,
      first: isFirst || inFragments,
      last: isLast || inFragments,
    };
  });
}

interface Reading {
  readonly bytes: number;
  readonly peakRss: number;
  readonly error: unknown;
}

/** Reads the parts as a connection does, and watches the whole process's memory. */
function read(parts: readonly FramePart[], takeover: boolean, limit: number): Reading {
  const inflater = compression().inflater({ inflate: takeover ? TAKEOVER : NO_TAKEOVER });
  if (takeover) inflated(inflater, compressed('a message before the bomb'));
  const stage = new PartInflater(inflater, limit);
  const assembler = new MessageAssembler(limit);
  const before = process.memoryUsage.rss();
  let [bytes, peakRss, error]: [number, number, unknown] = [0, 0, null];
  try {
    for (const part of parts) {
      stage.push(part);
      for (let plain = stage.next(NOWHERE); plain !== null; plain = stage.next(NOWHERE)) {
        assembler.begin(plain.header.opcode, plain.header.length, NOWHERE);
        assembler.add(plain.bytes, plain.start, plain.end, plain.header.fin, NOWHERE);
        bytes += plain.end;
        peakRss = Math.max(peakRss, process.memoryUsage.rss() - before);
      }
    }
  } catch (caught) {
    error = caught;
  }
  inflater.close();
  return { bytes, peakRss, error };
}

describe('bombs (undici CVE-2026-1526, websockets CVE-2018-1000518, tornado 2391)', () => {
  const message = bomb(GIB);
  const ways = ['frame', 'fragments'].flatMap((form) => [true, false].map((takeover) => ({ form, takeover }) as const));

  test.each(ways)('1 GiB under 1 MiB: limit + 1 MiB of memory at most, %p', ({ form, takeover }) => {
    const parts = partsOf(message, 16_384, form as 'frame' | 'fragments');
    // The first time warms the heap up; the second one is measured.
    read(parts, takeover, MIB);
    const { bytes, peakRss, error } = read(parts, takeover, MIB);
    expect(error).toBeInstanceOf(LimitError);
    expect(error).toMatchObject({ closeCode: 1009, facts: { atLeast: MIB + 1 } });
    expect(bytes).toBeLessThanOrEqual(MIB);
    expect(peakRss).toBeLessThan(2 * MIB);
  });

  test('a stopped reader of a bomb without a limit costs a few slices', async () => {
    const stage = new FrameInflater({ role: 'server', extensions: AGREED, maxMessageBytes: Infinity });
    const before = process.memoryUsage();
    stage.write(frameOf(2, message, { rsv1: true }));
    await turns(20);
    expect(stage.readableLength).toBeLessThanOrEqual(4);
    expect(process.memoryUsage().arrayBuffers - before.arrayBuffers).toBeLessThan(MIB);
    stage.destroy();
  });

  test('a bomb inside a bomb is data', () => {
    const inner = compressed(bomb(MIB));
    const inflater = compression().inflater({ inflate: TAKEOVER });
    expect(inflated(inflater, inner).equals(bomb(MIB))).toBe(true);
  });
});

describe('errors after the end of a context (undici 8.12)', () => {
  const garbage = frameOf(2, Buffer.alloc(99, 0xff), { rsv1: true });
  const tooBig = frameOf(2, compressed(Buffer.alloc(99_999)), { rsv1: true });
  const events: Record<string, (stage: FrameInflater) => void> = {
    garbage: (stage) => stage.write(garbage),
    'over the limit': (stage) => stage.write(tooBig),
    destroy: (stage) => stage.destroy(),
    end: (stage) => stage.end(),
    resume: (stage) => stage.resume(),
  };
  const names = Object.keys(events);
  const orders = names.flatMap((a) => names.flatMap((b) => names.map((c) => [a, b, c] as const)));

  test.each(orders)('%s, %s, %s: nothing uncaught, one error at most', async (...order) => {
    const shared = compression();
    const stage = new FrameInflater({ role: 'server', extensions: AGREED, deflate: shared, maxMessageBytes: 9 });
    const errors: Error[] = [];
    stage.on('error', (error) => errors.push(error));
    const uncaught = jest.fn();
    process.on('uncaughtException', uncaught);
    for (const name of order) events[name]?.(stage);
    await turns(4);
    process.off('uncaughtException', uncaught);
    expect(uncaught).not.toHaveBeenCalled();
    expect(errors.filter((error) => !/after end/.test(error.message)).length).toBeLessThanOrEqual(1);
    // Whatever happened there, the others are still served.
    const other = shared.inflater({ inflate: TAKEOVER });
    expect(inflated(other, compressed('still here')).toString()).toBe('still here');
  });
});

describe('RSV1 (aiohttp CVE-2026-59881, undici)', () => {
  const wrong: [string, readonly Frame[], readonly (typeof AGREED)[number][]][] = [
    ['without an agreement', [frameOf(1, 'a', { rsv1: true })], []],
    [
      'on a continuation',
      [frameOf(1, compressed('a'), { rsv1: true, fin: false }), frameOf(0, '', { rsv1: true })],
      AGREED,
    ],
    ['on a continuation of a plain message', [frameOf(1, 'a', { fin: false }), frameOf(0, '', { rsv1: true })], AGREED],
    ...[8, 9, 10].map((opcode): [string, readonly Frame[], typeof AGREED] => [
      `on control frame ${opcode}`,
      [frameOf(opcode, '', { rsv1: true })],
      AGREED,
    ]),
  ];

  test.each(wrong)('%s: 1002, both roles', async (_, frames, extensions) => {
    for (const role of ['client', 'server'] as const) {
      const stage = new FrameInflater({ role, extensions });
      const failed = new Promise((resolve) => stage.on('error', resolve));
      stage.resume();
      for (const frame of frames) stage.write(frame);
      expect(await failed).toMatchObject({ code: 'ERR_WS_RESERVED_BIT', closeCode: 1002 });
    }
  });
});

describe('BFINAL (undici, faye)', () => {
  test('a message that ends in a final block and the next one both arrive', () => {
    const inflater = compression().inflater({ inflate: TAKEOVER });
    const final = zlib.deflateRawSync('final');
    const messages = [final, Buffer.concat([final, Buffer.from([0])]), compressed('next'), final, compressed('last')];
    expect(messages.map((message) => inflated(inflater, message).toString())).toEqual([
      'final',
      'final',
      'next',
      'final',
      'last',
    ]);
  });
});

describe('sockets killed in the middle of a job (ws #1617)', () => {
  test('10,000 messages cut off half way, both directions; the others are still served, no context is lost', () => {
    const shared = compression({ maxContexts: 4 });
    const message = compressed(Buffer.alloc(5_000, 'half'));
    for (let i = 0; i < 10_000; i++) {
      const inflater = shared.inflater({ inflate: TAKEOVER });
      const deflater = shared.deflater({ deflate: TAKEOVER });
      inflater.push(message, 0, message.length >> 1, false);
      inflater.next(10);
      deflater.piece(message, 'more');
      inflater.close();
      deflater.close();
    }
    expect(shared.contexts.inflating + shared.contexts.deflating).toBeLessThanOrEqual(8);
    expect(inflated(shared.inflater({ inflate: TAKEOVER }), message)).toHaveLength(5_000);
  });

  test('contexts that are lost without being closed do not stop anybody either', () => {
    const shared = compression({ maxContexts: 2 });
    const message = compressed('again and again and again');
    for (let i = 0; i < 500; i++) {
      const inflater = shared.inflater({ inflate: TAKEOVER });
      inflater.push(message, 0, 3, false);
      inflater.next(100);
      const deflater = shared.deflater({ deflate: TAKEOVER });
      expect(inflated(shared.inflater({ inflate: TAKEOVER }), message).toString()).toBe('again and again and again');
      expect(deflater.compress(Buffer.alloc(100))).not.toBeNull();
      inflater.close();
    }
    expect(shared.contexts.inflating).toBeLessThanOrEqual(3);
  });
});
