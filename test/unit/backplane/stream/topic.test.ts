import { once } from 'node:events';
import { seal } from '../../../../src/backplane/envelope.js';
import type { Engine, Gap, Sink } from '../../../../src/backplane/stream/engine.js';
import { topicSettings } from '../../../../src/backplane/stream/options.js';
import { Topic } from '../../../../src/backplane/stream/topic.js';
import { prepare } from '../../../../src/duplex/prepared-message.js';
import { UsageError } from '../../../../src/errors.js';
import { failureOf, turns } from '../../../support/streams.js';

/** A topic on an engine by hand. */
function topicOf(options = {}, engine: Partial<Engine> = {}) {
  let sink: Sink | undefined;
  const methods = {
    publish: jest.fn<Promise<void>, Parameters<Engine['publish']>>(engine.publish ?? (async () => {})),
    subscribe: jest.fn(engine.subscribe ?? (async () => {})),
    close: jest.fn(),
  };
  const made = new Topic(
    (its) => {
      sink = its;
      return methods;
    },
    topicSettings(options),
    null,
  );
  if (sink === undefined) throw new Error('the engine was not made');
  return { topic: made, sink, engine: methods };
}

test('subscribes when somebody reads, once', async () => {
  const { topic, engine } = topicOf();
  topic.write('a');
  await turns(2);
  expect(engine.subscribe).not.toHaveBeenCalled();
  topic.on('data', () => {});
  await topic.subscribed();
  expect(engine.subscribe).toHaveBeenCalledTimes(1);
});

test('what is written together is published together, in order, of every kind', async () => {
  const { topic, engine } = topicOf();
  topic.cork();
  topic.write('text');
  topic.write(new Uint8Array([1]));
  topic.write(prepare('prepared'));
  topic.write(prepare(Buffer.from([2])));
  topic.uncork();
  await turns(2);
  expect(engine.publish.mock.calls.map(([messages]) => messages)).toEqual([
    ['text', Buffer.from([1]), 'prepared', Buffer.from([2])],
  ]);
});

test('what is no message is a UsageError', async () => {
  const { topic } = topicOf();
  topic.write(5);
  expect((await once(topic, 'error'))[0]).toBeInstanceOf(UsageError);
});

test('a write that takes too long fails the topic, and the engine is told to give up', async () => {
  let signal: AbortSignal | undefined;
  const publish = (_: unknown, its: AbortSignal) => {
    signal = its;
    return new Promise<void>(() => {});
  };
  const { topic, engine } = topicOf({ writeTimeoutMs: 20 }, { publish });
  topic.write('a');
  const [error] = await once(topic, 'error');
  expect(error).toMatchObject({ code: 'ERR_BACKPLANE_TIMEOUT', message: expect.stringContaining('20 ms') });
  expect([signal?.aborted, topic.destroyed]).toEqual([true, true]);
  expect(engine.close).toHaveBeenCalledTimes(1);
});

test('destroying a topic ends a write that is under way', async () => {
  const publish = () => new Promise<void>(() => {});
  const { topic } = topicOf({}, { publish });
  const done = new Promise((resolve) => topic.write('a', resolve));
  topic.destroy();
  expect(await done).toBeInstanceOf(Error);
});

test('without replay, more than the limit is dropped and told, before what comes next', async () => {
  const { topic, sink } = topicOf({ maxBufferedBytes: 30 });
  const log: unknown[] = [];
  topic.on('gap', (gap: Gap) => log.push(gap));
  await topic.subscribed();
  for (const letter of 'abcde') sink.message(seal(letter.repeat(10)), null);
  expect(topic.readableLength).toBe(3);
  expect(topic.read()).toBe('a'.repeat(10));
  sink.message(seal('f'.repeat(10)), null);
  expect(log).toEqual([{ reason: 'slow-reader', missed: 2 }]);
  expect([topic.read(), topic.read(), topic.read(), topic.read()]).toEqual(
    ['b', 'c', 'f'].map((one) => one.repeat(10)).concat([null as never]),
  );
});

test('with replay, room is when the reader has room, and the position is that of what was read', async () => {
  const { topic, sink } = topicOf({ maxBufferedBytes: 30 });
  await topic.subscribed();
  expect(await sink.room()).toBe(false);
  for (const letter of 'abcde') sink.message(seal(letter.repeat(10)), letter);
  expect([topic.readableLength, topic.position]).toEqual([5, null]);
  let hasRoom = false;
  let hadStopped = false;
  const room = sink.room().then((its) => {
    hasRoom = true;
    hadStopped = its;
  });
  await turns(2);
  expect([hasRoom, topic.read(), topic.position]).toEqual([false, 'a'.repeat(10), 'a']);
  topic.read();
  topic.read();
  await room;
  expect([hadStopped, topic.position]).toEqual([true, 'c']);
});

test('what was published again is read once', async () => {
  const { topic, sink } = topicOf();
  const stamp = { writer: 'writer00', number: 4 };
  await topic.subscribed();
  sink.message(seal('once', stamp), '1');
  sink.message(seal('once', stamp), '2');
  sink.message(seal('next', { ...stamp, number: 5 }), '3');
  expect([topic.read(), topic.read(), topic.read()]).toEqual(['once', 'next', null]);
});

test('what fails the engine fails the topic, also while it subscribes', async () => {
  const { topic, sink } = topicOf();
  sink.failed(new Error('gone'));
  expect((await once(topic, 'error'))[0]).toMatchObject({ message: 'gone' });
  const refused = topicOf({}, { subscribe: () => Promise.reject(new Error('no right')) });
  refused.topic.resume();
  expect((await once(refused.topic, 'error'))[0]).toMatchObject({ message: 'no right' });
});

test('subscribed after it was destroyed, or destroyed meanwhile: rejects, and the engine is left alone', async () => {
  const before = topicOf();
  before.topic.destroy();
  await expect(before.topic.subscribed()).rejects.toMatchObject({ code: 'ERR_BACKPLANE_CLOSED' });
  expect(before.engine.subscribe).not.toHaveBeenCalled();

  const meanwhile = topicOf({}, { subscribe: () => turns(2) });
  meanwhile.topic.on('error', () => {});
  const subscribed = meanwhile.topic.subscribed();
  meanwhile.topic.destroy(new Error('no need'));
  await expect(subscribed).rejects.toMatchObject({ message: 'no need' });
});

test('what a listener of gap throws ends the topic, and not the client of the engine', async () => {
  const { topic, sink } = topicOf();
  topic.on('gap', () => {
    throw new Error('mine');
  });
  expect(() => sink.gap({ reason: 'reconnect', missed: null })).not.toThrow();
  expect(await failureOf(topic)).toMatchObject({ message: 'mine' });
});
