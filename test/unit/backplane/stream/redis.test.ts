import { once } from 'node:events';
import { seal } from '../../../../src/backplane/envelope.js';
import type { Gap } from '../../../../src/backplane/stream/engine.js';
import { redisTopic } from '../../../../src/backplane/stream/redis.js';
import { RedisByHand } from '../../../support/redis-by-hand.js';
import { failureOf, turns } from '../../../support/streams.js';
import { afterTest } from '../../../support/web-sockets.js';

function topicOf(client = new RedisByHand()) {
  const topic = redisTopic(client, 'room');
  const gaps: Gap[] = [];
  topic.on('gap', (gap: Gap) => gaps.push(gap));
  afterTest(() => topic.destroy());
  return { client, topic, gaps };
}

test('publishes on the client, subscribes on a connection of its own, and closes that one only', async () => {
  const { client, topic } = topicOf();
  await topic.subscribed();
  topic.write('out');
  client.own[0]?.say(seal('in'));
  expect(await once(topic, 'data')).toEqual(['in']);
  expect(client.publish.mock.calls).toEqual([['room', seal('out')]]);
  topic.destroy();
  expect([client.isOpen, client.own.map(({ isOpen }) => isOpen)]).toEqual([true, [false]]);
});

test('what could not be published is told with its number, and writing goes on', async () => {
  const { client, topic, gaps } = topicOf();
  client.publish.mockRejectedValueOnce(new Error('Socket closed unexpectedly'));
  topic.cork();
  for (const message of ['lost', 'there', 'too']) topic.write(message);
  topic.uncork();
  await turns(2);
  expect(gaps).toEqual([{ reason: 'write', missed: 1 }]);
  await new Promise((resolve) => topic.write('later', resolve));
  expect(topic.destroyed).toBe(false);
});

test('what Redis refuses fails the topic: to publish, and to subscribe', async () => {
  const cause = new Error('NOPERM this user has no permissions');
  const writer = topicOf();
  writer.client.publish.mockRejectedValueOnce(cause);
  writer.topic.write('a');
  expect(await failureOf(writer.topic)).toMatchObject({ code: 'ERR_BACKPLANE_REFUSED', cause });
  expect(writer.gaps).toEqual([]);

  const reader = topicOf();
  reader.client.onDuplicate = ({ subscribe }) => subscribe.mockRejectedValueOnce(cause);
  reader.topic.resume();
  expect(await failureOf(reader.topic)).toMatchObject({ code: 'ERR_BACKPLANE_REFUSED', cause });
  expect(reader.client.own[0]?.isOpen).toBe(false);
});

test('a client that is closed, before a write or under it, fails the topic', async () => {
  const before = topicOf();
  before.client.isOpen = false;
  before.topic.write('a');
  expect(await failureOf(before.topic)).toMatchObject({ code: 'ERR_BACKPLANE_CLOSED' });

  const under = topicOf();
  under.client.publish.mockImplementationOnce(async () => {
    under.client.isOpen = false;
    throw new Error('The client is closed');
  });
  under.topic.write('a');
  expect(await failureOf(under.topic)).toMatchObject({ code: 'ERR_BACKPLANE_CLOSED' });
});

test('a subscriber that is back tells a gap; one that gives up fails the topic', async () => {
  const { client, topic, gaps } = topicOf();
  await topic.subscribed();
  const [own] = client.own;
  own?.emit('error', new Error('cut'));
  own?.emit('ready');
  expect(gaps).toEqual([{ reason: 'reconnect', missed: null }]);
  const cause = new Error('no more attempts');
  Object.assign(own ?? {}, { isOpen: false });
  own?.emit('error', cause);
  expect(await failureOf(topic)).toMatchObject({ code: 'ERR_BACKPLANE_CLOSED', cause });
});

test('destroyed while it connects: nothing is subscribed to, and the connection is closed', async () => {
  const { client, topic } = topicOf();
  const subscribed = topic.subscribed();
  topic.destroy();
  await expect(subscribed).rejects.toMatchObject({ code: 'ERR_BACKPLANE_CLOSED' });
  expect(client.own.map(({ subscribe, isOpen }) => [subscribe.mock.calls.length, isOpen])).toEqual([[0, false]]);
});

test('what the client says after the topic was destroyed is nobody’s business', async () => {
  const { client, topic, gaps } = topicOf();
  await topic.subscribed();
  topic.destroy();
  const [own] = client.own;
  own?.say(seal('late'));
  own?.emit('error', new Error('late'));
  own?.emit('end');
  await turns(2);
  expect([topic.errored, topic.readableLength, gaps]).toEqual([null, 0, []]);
});
