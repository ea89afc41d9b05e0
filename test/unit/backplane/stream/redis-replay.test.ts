import { once } from 'node:events';
import { seal } from '../../../../src/backplane/envelope.js';
import type { Gap } from '../../../../src/backplane/stream/engine.js';
import type { RedisReplayOptions } from '../../../../src/backplane/stream/options.js';
import { redisTopic } from '../../../../src/backplane/stream/redis.js';
import { type EntryByHand, RedisByHand } from '../../../support/redis-by-hand.js';
import { failureOf, turns } from '../../../support/streams.js';
import { afterTest } from '../../../support/web-sockets.js';

function topicOf(replay: true | RedisReplayOptions, entries: EntryByHand[] = []) {
  const client = new RedisByHand(entries);
  const topic = redisTopic(client, 'room', { replay });
  const gaps: Gap[] = [];
  topic.on('gap', (gap: Gap) => gaps.push(gap));
  afterTest(() => topic.destroy());
  const heard: unknown[] = [];
  const read = async (last: string) => {
    topic.on('data', (message) => {
      heard.push(message);
      topic.emit('heard');
    });
    while (!heard.includes(last)) await once(topic, 'heard');
    return heard;
  };
  return { client, topic, entries, gaps, heard, read };
}

const numbered = (count: number, from = 1): EntryByHand[] =>
  Array.from({ length: count }, (_, at) => [from + at, 'm', `${from + at}`]);

test('what another program has added, and is no message, is passed over, however many there are', async () => {
  const foreign = Array.from({ length: 200 }, (_, at): EntryByHand => [at + 1, 'else', 'x']);
  const { read, gaps, topic } = topicOf({ from: 'start' }, [...foreign, [201, 'm', 'ours']]);
  expect([await read('ours'), gaps, topic.position]).toEqual([['ours'], [], '201-0']);
});

test('new begins behind the newest entry, whatever that is', async () => {
  const { client, topic, read } = topicOf(true, [
    [1, 'm', 'old'],
    [2, 'else', 'x'],
  ]);
  await topic.subscribed();
  client.entries.push([3, 'm', 'new']);
  expect(await read('new')).toEqual(['new']);
});

test.each(['-1', '281474976710656', '1.5', 'x', ''])('a writer’s number %p is no reason to fail', async (number) => {
  const odd: EntryByHand = [1, 'm', 'odd', 'w', 'writer00', 'n', number];
  const { read } = topicOf({ from: 'start' }, [odd, [2, 'm', 'next']]);
  expect(await read('next')).toEqual(['odd', 'next']);
});

test('a stream that was trimmed while the reader had stopped: one gap, then on with the oldest', async () => {
  const { topic, entries, gaps, read } = topicOf({ from: 'start' }, numbered(100));
  await topic.subscribed();
  topic.read();
  while (topic.readableLength < 64) await turns(1);
  entries.splice(0, 100, ...numbered(10, 301));
  const heard = await read('310');
  expect(gaps).toEqual([{ reason: 'trimmed', missed: null }]);
  expect(heard.slice(-11).map(Number)).toEqual([expect.any(Number), ...numbered(10, 301).map(([number]) => number)]);
});

test('a position that the stream has never had, or no longer: one gap, and not one for each look', async () => {
  const { topic, client, gaps, read } = topicOf({ from: { after: '7-0' } });
  await topic.subscribed();
  await turns(30);
  expect(gaps).toHaveLength(1);
  client.entries.push([9, 'm', 'new']);
  await read('new');
  await turns(10);
  expect(gaps).toEqual([{ reason: 'trimmed', missed: null }]);
});

test('what was not added is added again, as the same, and read once', async () => {
  const { client, topic, entries, read } = topicOf(true);
  await topic.subscribed();
  client.exec.mockImplementationOnce(async (commands) => {
    // It was, but the answer is lost.
    await client.exec.getMockImplementation()?.(commands);
    throw new Error('Socket closed unexpectedly');
  });
  topic.write('once');
  topic.write('last');
  expect(await read('last')).toEqual(['once', 'last']);
  expect(client.exec.mock.calls[1]).toEqual(client.exec.mock.calls[0]);
  expect(entries).toHaveLength(3);
});

test('what Redis refuses fails the topic: in a transaction, in a read', async () => {
  const refusal = new Error('WRONGTYPE Operation against a key holding the wrong kind of value');
  const writer = topicOf(true);
  writer.client.exec.mockRejectedValueOnce(Object.assign(new Error('1 commands failed'), { replies: [refusal] }));
  writer.topic.write('a');
  expect(await failureOf(writer.topic)).toMatchObject({ code: 'ERR_BACKPLANE_REFUSED', message: refusal.message });

  const reader = topicOf({ from: 'start' });
  reader.client.onDuplicate = ({ sendCommand }) => sendCommand.mockRejectedValueOnce(refusal);
  reader.topic.resume();
  expect(await failureOf(reader.topic)).toMatchObject({ code: 'ERR_BACKPLANE_REFUSED', message: refusal.message });
});

test('a read without an answer is made again, from the same place', async () => {
  const { client, read, gaps } = topicOf({ from: 'start' }, numbered(3));
  client.onDuplicate = ({ sendCommand }) => sendCommand.mockRejectedValueOnce(new Error('Socket closed unexpectedly'));
  expect([await read('3'), gaps]).toEqual([['1', '2', '3'], []]);
});

test('a reader that gives up fails the topic', async () => {
  const { client, topic } = topicOf(true);
  await topic.subscribed();
  const [own] = client.own;
  const cause = new Error('no more attempts');
  Object.assign(own ?? {}, { isOpen: false });
  own?.emit('error', cause);
  expect(await failureOf(topic)).toMatchObject({ code: 'ERR_BACKPLANE_CLOSED', cause });
});

test('a closed client fails a write', async () => {
  const { client, topic } = topicOf(true);
  client.isOpen = false;
  topic.write('a');
  expect(await failureOf(topic)).toMatchObject({ code: 'ERR_BACKPLANE_CLOSED' });
});

test('destroyed while it connects: nothing is read, and the connection is closed', async () => {
  const { client, topic } = topicOf({ from: 'start' }, numbered(3));
  const subscribed = topic.subscribed();
  topic.destroy();
  await expect(subscribed).rejects.toMatchObject({ code: 'ERR_BACKPLANE_CLOSED' });
  await turns(3);
  expect(client.own.map(({ sendCommand, isOpen }) => [sendCommand.mock.calls.length, isOpen])).toEqual([[0, false]]);
});

test('an answer that comes after the topic was destroyed is nobody’s', async () => {
  const { topic, client } = topicOf({ from: 'start' }, [[1, 'm', seal('late')]]);
  await topic.subscribed();
  topic.destroy();
  await turns(5);
  expect([topic.errored, topic.readableLength, client.own[0]?.isOpen]).toEqual([null, 0, false]);
});
