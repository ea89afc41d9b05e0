import { once } from 'node:events';
import type { Gap } from '../../../../src/backplane/stream/engine.js';
import { natsTopic } from '../../../../src/backplane/stream/nats.js';
import type { ReplayFrom } from '../../../../src/backplane/stream/options.js';
import { NatsByHand, reply } from '../../../support/nats-by-hand.js';
import { failureOf, turns } from '../../../support/streams.js';
import { afterTest } from '../../../support/web-sockets.js';

function topicOf(from: ReplayFrom = 'new', stream = { first_seq: 1, last_seq: 0 }) {
  const connection = new NatsByHand();
  connection.stream = stream;
  const topic = natsTopic(connection, 'room', { replay: { stream: 'S', from } });
  const gaps: Gap[] = [];
  topic.on('gap', (gap: Gap) => gaps.push(gap));
  afterTest(() => topic.destroy());
  const pulls = () => connection.publish.mock.calls.length;
  /** Resolves when it has asked for messages so often. */
  const asked = async (count: number) => {
    while (pulls() < count) await new Promise((resolve) => setTimeout(resolve, 5));
  };
  return { connection, topic, gaps, asked, pulls };
}

test.each([
  ['new', 42, '42'],
  ['start', 7, '7'],
  [{ after: '9' }, 10, '10'],
] as const)('from %p', async (from, first, position) => {
  const { connection, topic, gaps, asked } = topicOf(from, { first_seq: 7, last_seq: 41 });
  await topic.subscribed();
  await asked(1);
  expect(connection.consumers).toEqual([first]);
  connection.deliver(first, 'one');
  expect([await once(topic, 'data'), topic.position, gaps]).toEqual([['one'], position, []]);
});

test('one that comes again is passed over; a number that is left out belongs to another subject', async () => {
  const { connection, topic, gaps, asked } = topicOf('start');
  const heard: unknown[] = [];
  topic.on('data', (message) => heard.push(message));
  await asked(1);
  for (const [sequence, text] of [
    [1, 'a'],
    [2, 'b'],
    [2, 'b'],
    [1, 'a'],
    [9, 'c'],
  ] as const) {
    connection.deliver(sequence, text);
  }
  await turns(2);
  expect([heard, gaps, topic.position]).toEqual([['a', 'b', 'c'], [], '9']);
});

test('a consumer that is gone: another one, behind the last message', async () => {
  const { connection, topic, gaps, asked } = topicOf('start');
  topic.resume();
  await asked(1);
  connection.deliver(1, 'a');
  connection.deliver(2, 'b');
  connection.end(409);
  await asked(2);
  expect([connection.consumers, gaps]).toEqual([[1, 3], []]);
});

test('back after a reconnect: another consumer, behind the last message', async () => {
  const { connection, topic, gaps, asked } = topicOf('start');
  topic.resume();
  await asked(1);
  connection.deliver(1, 'a');
  await connection.tell('reconnect');
  await asked(2);
  expect([connection.consumers, gaps]).toEqual([[1, 2], []]);
});

test('a stream that was trimmed while the reader had stopped: a gap with the number', async () => {
  const { connection, topic, gaps, asked } = topicOf('start');
  await topic.subscribed();
  for (const batch of [0, 32]) {
    await asked(1 + batch / 32);
    for (let at = 1; at <= 32; at++) connection.deliver(batch + at, 'x');
    await turns(2);
  }
  connection.stream = { first_seq: 101, last_seq: 200 };
  expect(gaps).toEqual([]);
  topic.resume();
  await asked(3);
  expect(gaps).toEqual([{ reason: 'trimmed', missed: 36 }]);
});

test('a stream that was made anew: a gap, and on from its beginning', async () => {
  const { connection, topic, gaps, asked } = topicOf({ after: '50' }, { first_seq: 1, last_seq: 3 });
  topic.resume();
  await topic.subscribed();
  await asked(1);
  expect([connection.consumers, gaps]).toEqual([[1], [{ reason: 'trimmed', missed: null }]]);
});

test('what the stream does not confirm is published again, as the same', async () => {
  const { connection, topic } = topicOf();
  connection.request
    .mockRejectedValueOnce(new Error('timeout'))
    .mockResolvedValueOnce(reply({ error: { code: 503, description: 'no quorum' } }))
    .mockResolvedValueOnce({ data: Buffer.from('nonsense') });
  await new Promise((resolve) => topic.write('a', resolve));
  const sent = connection.request.mock.calls.map(([, payload]) => String(payload));
  expect([sent.length, new Set(sent).size]).toEqual([4, 1]);
});

test.each([
  ['the stream', () => Promise.resolve(reply({ error: { code: 400, description: 'maximum messages exceeded' } }))],
  [
    'its client',
    () => Promise.reject(Object.assign(new Error('maximum messages exceeded'), { name: 'InvalidArgumentError' })),
  ],
])('what %s refuses fails the topic', async (_, answer) => {
  const { connection, topic } = topicOf();
  connection.request.mockImplementationOnce(answer);
  topic.write('a');
  expect(await failureOf(topic)).toMatchObject({
    code: 'ERR_BACKPLANE_REFUSED',
    message: 'maximum messages exceeded',
  });
});

test('a stream that does not exist fails the reader', async () => {
  const { connection, topic } = topicOf();
  connection.request.mockResolvedValueOnce(reply({ error: { code: 404, description: 'stream not found' } }));
  topic.resume();
  expect(await failureOf(topic)).toMatchObject({
    code: 'ERR_BACKPLANE_REFUSED',
    message: 'JetStream: stream not found.',
  });
});

test('answers that are none are asked for again', async () => {
  const { connection, topic } = topicOf('new', { first_seq: 1, last_seq: 4 });
  connection.request
    .mockRejectedValueOnce(new Error('no responders'))
    .mockResolvedValueOnce(reply({ state: { first_seq: 'x' } }))
    .mockResolvedValueOnce(reply({ state: { first_seq: 1, last_seq: 4 } }))
    .mockResolvedValueOnce(reply({ name: 5 }));
  await topic.subscribed();
  expect(connection.consumers).toEqual([5, 5]);
});

test.each([
  ['write', (topic: ReturnType<typeof natsTopic>) => topic.write('a')],
  ['read', (topic: ReturnType<typeof natsTopic>) => topic.resume()],
])('closed before it was asked to %s: CLOSED, and no error of the client', async (_, use) => {
  const { connection, topic } = topicOf();
  await connection.close();
  use(topic);
  expect(await failureOf(topic)).toMatchObject({ code: 'ERR_BACKPLANE_CLOSED' });
});

test('destroyed while it subscribes: no request for messages, and no subscription', async () => {
  const { connection, topic, pulls } = topicOf();
  const subscribed = topic.subscribed();
  topic.destroy();
  await expect(subscribed).rejects.toMatchObject({ code: 'ERR_BACKPLANE_CLOSED' });
  await turns(3);
  expect([pulls(), connection.subscriptions]).toEqual([0, []]);
});

test('what comes after it was destroyed is nobody’s', async () => {
  const { connection, topic, gaps, asked } = topicOf('start');
  await topic.subscribed();
  await asked(1);
  topic.destroy();
  connection.deliver(1, 'late');
  await connection.tell('reconnect');
  await connection.close(new Error('late'));
  expect([topic.errored, topic.readableLength, gaps]).toEqual([null, 0, []]);
  expect(connection.subscriptions[0]?.unsubscribe).toHaveBeenCalledTimes(1);
});
