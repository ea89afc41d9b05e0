import { PassThrough } from 'node:stream';
import type { FramePart } from '../../../src/codec/frame-part.js';
import { Receiver } from '../../../src/duplex/receiver.js';
import { UsageError } from '../../../src/errors.js';
import { ping, text, wireOf } from '../../support/frames.js';
import { everyExactCut, hex } from '../../support/wire.js';

function receiver(take: (part: FramePart) => void = () => {}) {
  const delivery = {
    full: false,
    takesMasked: 'none' as const,
    begin: jest.fn(() => false),
    takeRun: jest.fn(() => 0),
    wanted: jest.fn(),
    take: jest.fn(take),
    stop: jest.fn(),
  };
  const owner = { control: jest.fn(), violated: jest.fn(), socket: null };
  const transport = new PassThrough();
  const one = new Receiver(owner, transport, delivery, {
    role: 'client',
    maxFrameBytes: 1_000,
    inflated: null,
    turn: null,
  });
  return { delivery, owner, transport, receiver: one };
}

const HI = wireOf(text('hi'));

test('control frames come whole, wherever they were cut, with their position', () => {
  for (const cut of everyExactCut(Buffer.concat([HI, wireOf(ping('payload'))]))) {
    const { owner, receiver: one } = receiver();
    for (const chunk of cut) one.receive(chunk);
    expect(owner.control).toHaveBeenCalledTimes(1);
    expect(owner.control).toHaveBeenCalledWith(
      9,
      Buffer.from('payload'),
      expect.objectContaining({ offset: 4, frame: 1 }),
    );
    expect([one.bytesReceived, one.framesReceived]).toEqual([13, 2]);
  }
});

test('messages that are passed on in runs are counted, and never parsed', () => {
  const { delivery, receiver: one } = receiver();
  delivery.takeRun.mockReturnValueOnce(5).mockReturnValueOnce(2);
  one.receive(HI);
  expect(delivery.takeRun).not.toHaveBeenCalled();
  delivery.begin.mockReturnValue(true);
  one.receive(HI);
  // Nobody else had a turn before the first look at a chunk.
  expect(delivery.takeRun.mock.calls).toEqual(
    [true, false, false, false].map((isFirst) => [expect.anything(), isFirst]),
  );
  expect(one.framesReceived).toBe(2 + 7);
});

test('a full delivery stops the transport inside a chunk; resume goes on from there', () => {
  const {
    delivery,
    transport,
    receiver: one,
  } = receiver(() => {
    delivery.full = true;
  });
  const pause = jest.spyOn(transport, 'pause');
  const resume = jest.spyOn(transport, 'resume');
  one.receive(Buffer.concat([HI, HI, HI]));
  for (let taken = 1; taken <= 3; taken++) {
    expect(delivery.take).toHaveBeenCalledTimes(taken);
    expect(one.isPaused).toBe(true);
    delivery.full = false;
    one.resume();
  }
  expect([pause.mock.calls.length, resume.mock.calls.length, one.isPaused]).toEqual([1, 1, false]);
});

test('of a chunk that is lent, what has to wait is copied, a part of a frame included', () => {
  const texts: string[] = [];
  const { delivery, receiver: one } = receiver(({ bytes, start, end }) => {
    texts.push(bytes.toString('utf8', start, end));
    delivery.full = true;
  });
  const lent = Buffer.concat([HI, wireOf(text('there')), wireOf(text('cut off')).subarray(0, 5)]);
  one.receive(lent, true);
  lent.fill(0);
  for (let time = 0; time < 2; time++) {
    delivery.full = false;
    one.resume();
  }
  expect(texts).toEqual(['hi', 'there', 'cut']);
  delivery.full = false;
  one.resume();
  one.receive(wireOf(text('cut off')).subarray(5), true);
  expect(texts).toEqual(['hi', 'there', 'cut', ' off']);
});

test('of a chunk that is lent, what waits because a listener threw is copied', () => {
  const mistake = new TypeError('yours');
  const take = jest.fn<void, [FramePart]>();
  take.mockImplementationOnce(() => {
    throw mistake;
  });
  const { receiver: one } = receiver(take);
  const lent = Buffer.concat([HI, HI]);
  expect(() => one.receive(lent, true)).toThrow(mistake);
  lent.fill(0);
  one.resume();
  expect(take).toHaveBeenCalledTimes(2);
});

test('the end of the transport waits for what was not taken yet', () => {
  const { delivery, receiver: one } = receiver(() => {
    delivery.full = true;
  });
  const ended = jest.fn();
  one.receive(Buffer.concat([HI, HI]));
  one.end(ended);
  delivery.full = false;
  one.resume();
  expect(ended).not.toHaveBeenCalled();
  delivery.full = false;
  one.resume();
  expect(ended).toHaveBeenCalledTimes(1);
});

test('a violation is reported; after stop nothing more is taken', () => {
  const { owner, delivery, receiver: one } = receiver();
  one.receive(hex`83 00`);
  expect(owner.violated).toHaveBeenCalledWith(expect.objectContaining({ code: 'ERR_WS_RESERVED_OPCODE' }));
  one.stop(null);
  expect(delivery.stop).toHaveBeenCalledWith(null);
  one.receive(HI);
  expect(delivery.take).not.toHaveBeenCalled();
});

test('what a listener of the user throws is thrown on, a UsageError too', () => {
  for (const mistake of [new TypeError('yours'), new UsageError('yours')]) {
    const { owner, receiver: one } = receiver(() => {
      throw mistake;
    });
    expect(() => one.receive(HI)).toThrow(mistake);
    expect(owner.violated).not.toHaveBeenCalled();
  }
});

test('a listener that resumes while it is called does not start a second run', () => {
  const order: number[] = [];
  const { receiver: one } = receiver((part) => {
    order.push(part.end - part.start);
    one.resume();
    order.push(-1);
  });
  one.receive(Buffer.concat([HI, HI]));
  expect(order).toEqual([2, -1, 2, -1]);
});
