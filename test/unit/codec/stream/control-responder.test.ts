import { once } from 'node:events';
import type { Frame } from '../../../../src/codec/frame.js';
import { ControlResponder } from '../../../../src/codec/stream/control-responder.js';
import { FrameEncoder } from '../../../../src/codec/stream/frame-encoder.js';
import { UsageError } from '../../../../src/errors.js';
import { binary, close, labelOf, ping, pong, readWire, text } from '../../../support/frames.js';
import { PROVOCATIONS } from '../../../support/provocations.js';
import { collect, collectBytes, failureOf, feed, turn, turns } from '../../../support/streams.js';

const labels = (wire: Buffer) => readWire(wire).map(({ frame }) => labelOf(frame));

function pair(closeTimeoutMs?: number) {
  const encoder = new FrameEncoder({ role: 'server' });
  return { encoder, responder: new ControlResponder({ encoder, closeTimeoutMs }) };
}

test('data frames pass, control frames do not; a ping is answered with its payload, and the listeners hear', async () => {
  const { encoder, responder } = pair();
  const heard: string[] = [];
  for (const name of ['ping', 'pong'] as const)
    responder.on(name, (payload: Buffer) => heard.push(`${name} ${payload}`));
  responder.on('close-frame', ({ code, reason }) => heard.push(`close ${code} ${reason}`));
  const passed = collect<Frame>(responder);
  await feed(
    responder.on('end', () => encoder.end()),
    [text('a'), ping('1'), pong('2'), binary('b'), close(1000, 'bye')],
  );
  expect((await passed).map(labelOf)).toEqual(['1 61', '2 62']);
  expect(heard).toEqual(['ping 1', 'pong 2', 'close 1000 bye']);
  expect(labels(await collectBytes(encoder))).toEqual(['10 31', '8 03e8']);
  expect(responder.received).toEqual({ code: 1000, reason: 'bye' });
});

describe('closing', () => {
  test('the peer’s close ends the readable side at once; it is echoed as the last frame when the app has ended', async () => {
    const { encoder, responder } = pair();
    responder.write(close(1001));
    responder.resume();
    await once(responder, 'end');
    encoder.write(text('still here'));
    const wire = collectBytes(encoder.end());
    expect(labels(await wire)).toEqual([labelOf(text('still here')), '8 03e9']);
  });

  test('a close without a code is echoed without one', async () => {
    const { encoder, responder } = pair();
    responder.write(close());
    expect(labels(await collectBytes(encoder.end()))).toEqual(['8 ']);
  });

  test('an app that ends first closes with 1000', async () => {
    expect(labels(await collectBytes(pair().encoder.end()))).toEqual(['8 03e8']);
  });

  test('nothing counts after a close: no frame passes, no ping is answered', async () => {
    const { encoder, responder } = pair();
    const passed = collect(responder);
    for (const frame of [close(1000), text('late'), ping(), close(999)]) responder.write(frame);
    expect(await passed).toEqual([]);
    expect(labels(await collectBytes(encoder.end()))).toEqual(['8 03e8']);
  });

  test.each(PROVOCATIONS.filter(({ foundBy }) => foundBy === 'closes'))('$name fails it', async ({ name, wire }) => {
    const { encoder, responder } = pair();
    for (const { frame } of readWire(wire)) responder.write(frame);
    responder.resume();
    expect(await failureOf(responder)).toMatchObject({ code: `ERR_WS_${name}`, facts: { frame: 1 } });
    expect(encoder.destroyed).toBe(false);
  });

  test('the end of the wire without a close is ERR_WS_CUT_OFF', async () => {
    const { responder } = pair();
    responder.resume().end(text('a'));
    expect(await failureOf(responder)).toMatchObject({ code: 'ERR_WS_CUT_OFF', closeCode: 1006, facts: { frame: 1 } });
  });
});

describe('an encoder that comes to its end', () => {
  const ENDINGS = [
    [
      'finishes and is not read to its end',
      (encoder: FrameEncoder) => {
        encoder.end();
        encoder.read(encoder.readableLength - 1);
      },
    ],
    ['is destroyed and never finishes', (encoder: FrameEncoder) => encoder.destroy()],
  ] as const;

  test.each(ENDINGS)('%s: a ping that waited for it waits no longer', async (_, end) => {
    const { encoder, responder } = pair();
    let answered = 0;
    while (encoder.listenerCount('drain') === 0) {
      responder.resume().write(ping(Buffer.alloc(125)), () => answered++);
      await turn();
    }
    const before = answered;
    end(encoder);
    await turns(3);
    expect(answered).toBe(before + 1);
    for (const event of ['drain', 'finish', 'close']) expect(encoder.listenerCount(event)).toBe(0);
  });

  test.each(ENDINGS)('%s: the wire that has ended is let go', async (_, end) => {
    const { encoder, responder } = pair();
    let isClosed = false;
    responder.resume().on('close', () => {
      isClosed = true;
    });
    responder.end(close(1000));
    await turns(3);
    expect(isClosed).toBe(false);
    end(encoder);
    await turns(3);
    expect(isClosed).toBe(true);
    expect(responder.errored).toBeNull();
  });
});

describe('closeTimeoutMs', () => {
  beforeEach(() => {
    jest.useFakeTimers({ doNotFake: ['nextTick', 'setImmediate', 'queueMicrotask'] });
  });
  afterEach(() => {
    jest.useRealTimers();
  });

  test.each([false, true])(
    'an app that does not end in time is ERR_WS_CLOSE_TIMEOUT; wire ended too: %s',
    async (ends) => {
      const { responder } = pair(200);
      responder.resume().write(close(1000));
      if (ends) responder.end();
      await turns(3);
      jest.advanceTimersByTime(199);
      await turn();
      expect(responder.destroyed).toBe(false);
      const failed = failureOf(responder);
      jest.advanceTimersByTime(1);
      expect(await failed).toMatchObject({ code: 'ERR_WS_CLOSE_TIMEOUT', facts: { closeTimeoutMs: 200 } });
    },
  );

  test('an app that ends in time stops the clock, and the wire’s end is the end', async () => {
    const { encoder, responder } = pair(200);
    responder.resume().end(close(1000));
    await turns(2);
    encoder.resume().end();
    await once(responder, 'close');
    expect([responder.errored, jest.getTimerCount()]).toEqual([null, 0]);
  });

  test('destroy stops the clock; Infinity never starts it', async () => {
    const [first, second] = [pair(200), pair(Infinity)];
    for (const { responder } of [first, second]) responder.resume().write(close(1000));
    await turns(2);
    expect(jest.getTimerCount()).toBe(1);
    first.responder.destroy();
    await turns(2);
    expect([jest.getTimerCount(), first.encoder.listenerCount('finish')]).toEqual([0, 0]);
  });
});

describe('a ping flood', () => {
  test('stops itself when nobody reads the pongs: nothing grows', async () => {
    const { encoder, responder } = pair();
    let sent = 0;
    while (sent < 100_000 && responder.write(ping(Buffer.alloc(125)))) {
      sent++;
      if (sent % 8 === 0) await turn();
    }
    await turns(3);
    expect(sent).toBeLessThan(1_000);
    expect(encoder.readableLength + encoder.writableLength * 127).toBeLessThan(2 * 65_536);
    expect(encoder.listenerCount('drain')).toBe(1);
  });

  test('goes on when they are read: each ping has its pong, in order', async () => {
    const { encoder, responder } = pair();
    const wire = collectBytes(encoder);
    const payloads = Array.from({ length: 3_000 }, (_, at) => `${at}`);
    responder.resume().on('end', () => encoder.end());
    await feed(responder, [...payloads.map((payload) => ping(payload)), close(1000)]);
    expect(labels(await wire)).toEqual([...payloads.map((payload) => labelOf(pong(payload))), '8 03e8']);
  });

  test('does not hold up the close of an app that ends while pongs are waiting', async () => {
    const { encoder, responder } = pair();
    const fed = feed(responder.resume(), [
      ...Array.from({ length: 2_000 }, () => ping(Buffer.alloc(125))),
      close(1000),
    ]);
    await turns(5);
    encoder.end();
    encoder.resume();
    await Promise.all([fed, once(responder, 'close')]);
    expect(responder.received?.code).toBe(1000);
  });
});

test.each([
  ['no options at all', undefined, 'ControlResponder needs an options object.'],
  ['no encoder', {}, 'ControlResponder needs a FrameEncoder.'],
  ['an encoder that is none', { encoder: {} }, 'ControlResponder needs a FrameEncoder.'],
  [
    'no time to close',
    { encoder: new FrameEncoder({ role: 'server' }), closeTimeoutMs: 0 },
    /^closeTimeoutMs is a number of milliseconds/,
  ],
])('%s is a UsageError that says so', (_, options, sentence) => {
  const construct = () => new ControlResponder(options as never);
  expect(construct).toThrow(UsageError);
  expect(construct).toThrow(sentence);
});
