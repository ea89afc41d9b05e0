import { FrameParser } from '../../../src/codec/frame-parser.js';
import type { Message } from '../../../src/codec/message-assembler.js';
import { deliveryFor } from '../../../src/duplex/delivery.js';
import type { MessageStream } from '../../../src/duplex/message-stream.js';
import { type ReadAs, type WebSocketOptions, webSocketSettings } from '../../../src/duplex/options.js';
import { binary, continuation, text, wireOf } from '../../support/frames.js';
import { thrownBy } from '../../support/parsing.js';
import { collectBytes } from '../../support/streams.js';
import { everyExactCut } from '../../support/wire.js';

type Item = Message | MessageStream;

/** A delivery whose reader takes `room` items before it has enough. */
function delivery(options: WebSocketOptions<ReadAs> = {}, room = Infinity) {
  const items: Item[] = [];
  const outlet = {
    push: (item: Item) => items.push(item) < room,
    reportMessage: jest.fn(),
    resume: jest.fn(),
    abandoned: jest.fn(),
  };
  const one = deliveryFor(webSocketSettings(options), outlet);
  const parser = new FrameParser({ role: 'client', maxFrameBytes: Infinity, rsv1: false });
  const take = (...chunks: readonly Buffer[]) => {
    for (const chunk of chunks) {
      parser.push(chunk);
      for (let part = parser.next(); part !== null; part = parser.next()) one.take(part, parser);
    }
  };
  return { items, outlet, delivery: one, take };
}

const WIRE = Buffer.concat(
  [text('Grü', false), continuation('ße'), binary('xyz'), text('')].map((frame) => wireOf(frame)),
);

describe("'message'", () => {
  test('whole messages however the wire is cut', () => {
    for (const cut of everyExactCut(WIRE)) {
      const { items, take, outlet } = delivery();
      take(...cut);
      expect(items).toEqual(['Grüße', Buffer.from('xyz'), '']);
      expect(outlet.reportMessage.mock.calls).toEqual([
        ['text', 'Grüße'],
        ['binary', Buffer.from('xyz')],
        ['text', ''],
      ]);
    }
  });

  test('is full when the reader has enough, until it wants more', () => {
    const { delivery: one, take } = delivery({}, 1);
    expect(one.full).toBe(false);
    take(wireOf(text('x')));
    expect(one.full).toBe(true);
    one.wanted();
    expect(one.full).toBe(false);
  });

  test('the limit holds over all fragments, on the header', () => {
    const { take } = delivery({ maxMessageBytes: 5 });
    take(wireOf(text('abc', false)));
    expect(thrownBy(() => take(wireOf(continuation('def')).subarray(0, 2)))).toMatchObject({
      code: 'ERR_WS_MESSAGE_TOO_BIG',
      facts: { atLeast: 6, maxMessageBytes: 5, offset: 5, frame: 1 },
    });
  });
});

describe("'stream'", () => {
  test('a stream for each message as it begins, its bytes however the wire is cut', async () => {
    for (const cut of everyExactCut(WIRE)) {
      const { items, take } = delivery({ readAs: 'stream' });
      take(...cut);
      const streams = items as MessageStream[];
      expect(streams.map(({ type }) => type)).toEqual(['text', 'binary', 'text']);
      expect(await Promise.all(streams.map((one) => collectBytes(one)))).toEqual(
        ['Grüße', 'xyz', ''].map((payload) => Buffer.from(payload)),
      );
    }
  });

  test('is full while the stream is, and asks to go on when it is read', () => {
    const { items, delivery: one, take, outlet } = delivery({ readAs: 'stream' });
    take(wireOf(binary(Buffer.alloc(70_000), false)));
    expect(one.full).toBe(true);
    (items[0] as MessageStream).read();
    expect(outlet.resume).toHaveBeenCalled();
    expect(one.full).toBe(false);
  });

  test('an abandoned message is skipped, UTF-8 still judged; the next one is delivered', () => {
    const { items, take, outlet } = delivery({ readAs: 'stream' });
    take(wireOf(text('begun', false)));
    (items[0] as MessageStream).destroy();
    expect(outlet.abandoned).toHaveBeenCalledTimes(1);
    take(wireOf(continuation('rest')), wireOf(text('next')));
    expect(items).toHaveLength(2);
    take(wireOf(text('x', false)));
    expect(thrownBy(() => take(wireOf(continuation(Buffer.of(0xff)))))).toMatchObject({ code: 'ERR_WS_INVALID_UTF8' });
  });

  test('stop fails the message that is open, and only that', async () => {
    const { items, delivery: one, take } = delivery({ readAs: 'stream' });
    take(wireOf(text('whole')), wireOf(text('half', false)));
    one.stop(null);
    const [whole, half] = items as MessageStream[];
    expect(await whole?.text()).toBe('whole');
    await expect(half?.text()).rejects.toMatchObject({ code: 'ERR_WS_CUT_OFF' });
  });
});

describe("'bytes'", () => {
  test('all payloads as one run of bytes that stay', () => {
    for (const cut of everyExactCut(WIRE)) {
      const { items, take } = delivery({ readAs: 'bytes' });
      take(...cut);
      expect(Buffer.concat(items as Buffer[])).toEqual(Buffer.from('Grüßexyz'));
    }
  });

  test('a text that ends within a character fails at its last byte', () => {
    const { take } = delivery({ readAs: 'bytes' });
    expect(thrownBy(() => take(wireOf(text(Buffer.from('é').subarray(0, 1)))))).toMatchObject({
      code: 'ERR_WS_INVALID_UTF8',
      facts: { byte: 1 },
    });
  });
});
