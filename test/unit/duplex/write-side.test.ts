import { PassThrough, Readable } from 'node:stream';
import { prepare } from '../../../src/duplex/prepared-message.js';
import { Sender } from '../../../src/duplex/sender.js';
import type { Session } from '../../../src/duplex/session.js';
import { WriteSide } from '../../../src/duplex/write-side.js';
import { UsageError } from '../../../src/errors.js';
import { labelOf, readWire } from '../../support/frames.js';
import { readAll, turns } from '../../support/streams.js';

/** A session that only sends: over a transport that takes `room` bytes before it is full. */
function sending(room = 1 << 20) {
  const transport = new PassThrough({ highWaterMark: room });
  const side = new WriteSide(1_000);
  const sender = new Sender({ drained: () => side.drained(), socket: null }, transport, 'server');
  const closing = { phase: 'open', received: null as null | object, answer: { code: 1000, reason: '' } };
  const close = jest.fn();
  const session = {
    sender,
    closing,
    close,
    deflate: null,
    get bufferedBytes() {
      return sender.bufferedBytes;
    },
  } as unknown as Session;
  const frames = () => readWire(readAll(transport)).map(({ frame }) => labelOf(frame));
  return { side, session, close, closing, frames, transport };
}

/** Enqueues and sends, as Writable does. */
function write(side: WriteSide, message: Parameters<WriteSide['enqueue']>[0]): jest.Mock {
  const done = jest.fn();
  side.enqueue(message);
  side.send(message, done);
  return done;
}

test('what is written before the connection is open waits, and is counted', async () => {
  const { side, session, frames } = sending();
  const done = write(side, 'x'.repeat(2_000));
  expect(done).not.toHaveBeenCalled();
  expect(side.isFull).toBe(true);
  expect(side.messagesSent).toBe(0);
  side.open(session);
  await turns(1);
  expect(done).toHaveBeenCalledWith(null);
  expect(frames()).toHaveLength(1);
  expect([side.messagesSent, side.isFull]).toEqual([1, false]);
});

test('what is sent for another WebSocket is counted', () => {
  const { side, session } = sending();
  side.open(session);
  expect(side.senderFor(3)).toBe(session.sender);
  expect(side.messagesSent).toBe(3);
});

test('a message that fills the transport is called back when it has drained, however long the queue is', async () => {
  const { side, session, transport } = sending(1);
  side.open(session);
  const done = write(side, Buffer.alloc(5_000));
  for (let queued = 0; queued < 10; queued++) side.enqueue(Buffer.alloc(5_000));
  await turns(1);
  expect(done).not.toHaveBeenCalled();
  transport.resume();
  await turns(3);
  expect(done).toHaveBeenCalledTimes(1);
  expect(side.isFull).toBe(true);
});

test('the end: our reason, or the answer when the peer has closed', () => {
  const { side, session, close, closing } = sending();
  side.open(session);
  side.end({ code: 4000, reason: 'x' }, () => {});
  side.end(null, () => {});
  Object.assign(closing, { received: {}, answer: { code: 1001, reason: '' } });
  side.end({ code: 4000, reason: 'x' }, () => {});
  expect(close.mock.calls).toEqual([
    [{ code: 4000, reason: 'x' }],
    [{ code: 1000, reason: '' }],
    [{ code: 1001, reason: '' }],
  ]);
});

test('the end is called back once both sides have closed, or when the connection is lost', () => {
  const { side, session } = sending();
  side.open(session);
  const ends = [jest.fn(), jest.fn()];
  side.end(null, ends[0] as jest.Mock);
  expect(ends[0]).not.toHaveBeenCalled();
  side.finish();
  side.finish();
  expect(ends[0]?.mock.calls).toEqual([[null]]);
  side.end(null, ends[1] as jest.Mock);
  side.destroy(null);
  expect(ends[1]?.mock.calls).toMatchObject([[{ code: 'ERR_WS_CUT_OFF' }]]);
});

test('a message in pieces waits for the transport between them', async () => {
  const { side, session, transport } = sending(1);
  side.open(session);
  let produced = 0;
  const done = write(
    side,
    (function* () {
      for (; produced < 100; produced++) yield Buffer.alloc(70_000);
    })(),
  );
  await turns(10);
  expect(produced).toBeLessThan(3);
  transport.resume();
  while (done.mock.calls.length === 0) await turns(1);
  expect([produced, done.mock.calls]).toEqual([100, [[null]]]);
});

test('destroyed, it lets go of streams that were to be sent, under way or queued', async () => {
  const { side, session } = sending();
  side.open(session);
  const [first, second] = [new Readable({ read() {} }), new Readable({ read() {} })];
  const done = write(side, first);
  side.enqueue(second);
  side.destroy(new Error('over'));
  await turns(2);
  expect([first.destroyed, second.destroyed]).toEqual([true, true]);
  expect(done.mock.calls).toMatchObject([[{ message: 'over' }]]);
});

test('what is no message is a UsageError and counts nothing', () => {
  const { side } = sending();
  expect(() => side.enqueue(5 as never)).toThrow(UsageError);
  expect(side.bufferedBytes).toBe(0);
});

test('the message that end() was given, which nobody has enqueued, counts nothing', () => {
  const { side, session } = sending();
  side.open(session);
  side.send('last', () => {});
  expect(side.bufferedBytes).toBe(session.bufferedBytes);
});

describe('past the queue', () => {
  test('idle is: open, nothing queued or under way, room, not closing', async () => {
    const { side, session, closing, transport } = sending(10);
    expect(side.isIdle).toBe(false);
    side.open(session);
    expect([side.isIdle, side.session]).toEqual([true, session]);
    side.enqueue('queued');
    expect(side.isIdle).toBe(false);
    side.send('queued', () => {});
    expect(side.isIdle).toBe(true);
    await turns(1);
    side.sendShared(prepare('more than there is room for'), prepare('more than there is room for').plain);
    await turns(1);
    expect(side.isIdle).toBe(false);
    transport.resume();
    await turns(2);
    expect(side.isIdle).toBe(true);
    Object.assign(closing, { isSent: true });
    expect(side.isIdle).toBe(false);
  });

  test('messages are counted, one or many', async () => {
    const { side, session, frames } = sending();
    side.open(session);
    const message = prepare('a');
    side.sendShared(message, message.plain);
    side.sendBatch(Buffer.concat([message.wire, message.wire]), 2, false);
    await turns(1);
    expect([side.messagesSent, frames()]).toEqual([3, ['1 61', '1 61', '1 61']]);
  });

  test('followers are told when it opens, when a message is through, when there is room, and of the end', async () => {
    const { side, session, transport } = sending(10);
    const follower = { room: jest.fn(), gone: jest.fn() };
    side.followers.add(follower);
    side.open(session);
    expect(follower.room).toHaveBeenCalledTimes(1);
    write(side, 'a');
    expect(follower.room).toHaveBeenCalledTimes(2);
    const large = prepare('more than there is room for');
    side.sendShared(large, large.plain);
    await turns(1);
    transport.resume();
    await turns(2);
    expect(follower.room).toHaveBeenCalledTimes(3);
    side.destroy(null);
    expect(follower.gone).toHaveBeenCalledTimes(1);
  });
});
