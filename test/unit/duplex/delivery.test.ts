import { FrameParser } from '../../../src/codec/frame-parser.js';
import type { FramePart } from '../../../src/codec/frame-part.js';
import type { Message } from '../../../src/codec/message-assembler.js';
import { deliveryFor } from '../../../src/duplex/delivery.js';
import type { MessageStream } from '../../../src/duplex/message-stream.js';
import { type ReadAs, type WebSocketOptions, webSocketSettings } from '../../../src/duplex/options.js';
import type { PassingText } from '../../../src/duplex/outgoing.js';
import type { WriteSide } from '../../../src/duplex/write-side.js';
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
    forwardsTo: null as WriteSide | null,
    relay: jest.fn((_: PassingText | null) => false),
    messagesReceived: 0,
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

describe('messages that are forwarded', () => {
  function forwarding(options: WebSocketOptions<ReadAs> = {}, isServer = true) {
    const made = delivery(options);
    const sender = {
      isServer,
      copy: jest.fn(({ bytes, start, end }: FramePart) => copied.push(bytes.toString('utf8', start, end))),
      passing: jest.fn(),
      reframed: jest.fn(),
    };
    const copied: string[] = [];
    const to = { session: { sender }, senderFor: jest.fn(() => sender) };
    made.outlet.forwardsTo = to as unknown as WriteSide;
    return { ...made, sender, to, copied };
  }

  test('are not the reader’s, and are counted', () => {
    const { items, delivery: one, take, sender, copied, outlet } = forwarding();
    expect(one.begin()).toBe(true);
    take(WIRE, wireOf(text('Gruß')), wireOf(binary('\xff')));
    expect(items).toEqual(['Grüße']);
    expect(copied).toEqual(['xyz', '', 'Gruß', '\xff']);
    take(wireOf(binary('ab', false)), wireOf(continuation('cd')));
    expect(sender.passing.mock.calls).toEqual([[2, Buffer.from('abcd')]]);
    expect(outlet.messagesReceived).toBe(5);
    outlet.relay.mockReturnValue(true);
    take(wireOf(text('ab', false)), wireOf(continuation('cd')));
    expect(sender.passing).toHaveBeenLastCalledWith(1, Buffer.from('abcd'));
    expect(outlet.reportMessage).toHaveBeenCalledTimes(1);
  });

  test('go to the reader when nothing is forwarded any more', () => {
    const { items, delivery: one, take, outlet } = forwarding();
    one.begin();
    outlet.forwardsTo = null;
    take(wireOf(text('a')), wireOf(binary('b', false)), wireOf(continuation('c')));
    expect(items).toEqual(['a', Buffer.from('bc')]);
    expect(one.begin()).toBe(false);
  });

  test('keep to the limit, and texts are valid', () => {
    const { delivery: one, take, copied } = forwarding({ maxMessageBytes: 3 });
    one.begin();
    take(wireOf(binary('abc')));
    expect(copied).toEqual(['abc']);
    expect(thrownBy(() => take(wireOf(binary('abcd'))))).toMatchObject({ code: 'ERR_WS_MESSAGE_TOO_BIG' });
    const { delivery: other, take: takeOther } = forwarding();
    other.begin();
    expect(thrownBy(() => takeOther(wireOf(text(Buffer.of(0xc3)))))).toMatchObject({ code: 'ERR_WS_INVALID_UTF8' });
  });

  test('go in runs where they are not masked again', () => {
    const passRun = jest.fn(() => 7);
    const parser = { passRun } as unknown as FrameParser;
    const { delivery: one, sender, to, outlet } = forwarding({ maxMessageBytes: 99 });
    expect(one.takeRun(parser, false)).toBe(7);
    expect(passRun.mock.calls).toEqual([[99]]);
    expect([to.senderFor.mock.calls, sender.reframed.mock.calls]).toEqual([[[7]], [[7]]]);
    expect(outlet.messagesReceived).toBe(7);
    passRun.mockReturnValue(0);
    expect(one.takeRun(parser, false)).toBe(0);
    expect(to.senderFor).toHaveBeenCalledTimes(1);
    outlet.forwardsTo = null;
    expect(one.takeRun(parser, true)).toBe(0);
    expect([one.takeRun(parser, false), forwarding({}, false).delivery.takeRun(parser, false)]).toEqual([0, 0]);
    expect(passRun).toHaveBeenCalledTimes(2);
  });

  test.each(['stream', 'bytes'] as const)('are none where they are read as %s', (readAs) => {
    const { delivery: one } = forwarding({ readAs });
    expect([one.begin(), one.takeRun({} as FrameParser, true)]).toEqual([false, 0]);
  });
});

describe('long texts that nobody looks at', () => {
  /** A delivery whose outlet takes them for as long as it says so, and what it took. */
  function relaying() {
    const made = delivery();
    const relayed: string[] = [];
    const outlet = { isUnseen: true };
    made.outlet.relay.mockImplementation((message) => {
      if (message !== null && outlet.isUnseen) relayed.push(message.bytes.toString());
      return outlet.isUnseen;
    });
    return { ...made, relayed, says: outlet };
  }

  const LONG = 'long, '.repeat(6_000);

  test('are relayed as bytes, and counted: those in pieces, and those over 32 KiB', () => {
    const { items, take, relayed, outlet } = relaying();
    take(WIRE, wireOf(text(LONG)), wireOf(text('x'.repeat(32_768))), wireOf(text('x'.repeat(32_769))));
    expect(relayed).toEqual(['Grüße', LONG, 'x'.repeat(32_769)]);
    expect(items).toEqual([Buffer.from('xyz'), '', 'x'.repeat(32_768)]);
    expect([outlet.messagesReceived, outlet.reportMessage.mock.calls.length]).toEqual([3, 3]);
  });

  test('are the reader’s when somebody has begun to look before their end', () => {
    const { items, take, relayed, says, outlet } = relaying();
    take(wireOf(text('\ufeffGrü', false)));
    says.isUnseen = false;
    take(wireOf(continuation('ße')), wireOf(text(LONG)));
    expect([relayed, items]).toEqual([[], ['\ufeffGrüße', LONG]]);
    expect(outlet.reportMessage).toHaveBeenCalledTimes(2);
  });

  test('stay what they began as when nobody looks any more', () => {
    const { items, take, relayed, says } = relaying();
    says.isUnseen = false;
    take(wireOf(text('Grü', false)));
    says.isUnseen = true;
    take(wireOf(continuation('ße')), wireOf(binary('b', false)), wireOf(continuation('c')));
    expect([relayed, items]).toEqual([[], ['Grüße', Buffer.from('bc')]]);
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
