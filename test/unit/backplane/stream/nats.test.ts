import { once } from 'node:events';
import { seal } from '../../../../src/backplane/envelope.js';
import type { Gap } from '../../../../src/backplane/stream/engine.js';
import { natsTopic } from '../../../../src/backplane/stream/nats.js';
import { NatsByHand } from '../../../support/nats-by-hand.js';
import { failureOf, turns } from '../../../support/streams.js';
import { afterTest } from '../../../support/web-sockets.js';

function topicOf() {
  const connection = new NatsByHand();
  const topic = natsTopic(connection, 'room');
  const gaps: Gap[] = [];
  topic.on('gap', (gap: Gap) => gaps.push(gap));
  afterTest(() => topic.destroy());
  const say = (text: string) => connection.subscriptions[0]?.say(null, { data: seal(text) });
  return { connection, topic, gaps, say };
}

test('publishes and subscribes; what comes after it was destroyed is nobody’s', async () => {
  const { connection, topic, say } = topicOf();
  await topic.subscribed();
  topic.write('out');
  say('in');
  expect(await once(topic, 'data')).toEqual(['in']);
  expect(connection.publish.mock.calls).toEqual([['room', seal('out')]]);
  topic.destroy();
  say('late');
  await connection.tell('reconnect');
  await connection.close(new Error('late'));
  expect([topic.errored, topic.readableLength]).toEqual([null, 0]);
  expect(connection.subscriptions.map(({ unsubscribe }) => unsubscribe.mock.calls.length)).toEqual([1]);
});

test('a connection that is lost under a write: a gap, and the next write waits until it is back', async () => {
  const { connection, topic, gaps } = topicOf();
  let isAway = true;
  connection.flush.mockImplementation(() => (isAway ? Promise.reject(new Error('disconnect')) : Promise.resolve()));
  topic.cork();
  for (const message of ['may', 'be', 'lost']) topic.write(message);
  topic.uncork();
  await turns(2);
  expect(gaps).toEqual([{ reason: 'write', missed: 3 }]);
  const written = new Promise((resolve) => topic.write('later', resolve));
  await turns(5);
  expect(connection.publish).toHaveBeenCalledTimes(3);
  isAway = false;
  await written;
  expect([connection.publish.mock.calls.length, gaps.length]).toEqual([4, 1]);
});

test('what its client does not take fails the topic, with the client’s error as the cause', async () => {
  const { connection, topic, gaps } = topicOf();
  const cause = new Error('max_payload size exceeded');
  connection.publish.mockImplementationOnce(() => {
    throw cause;
  });
  topic.write('too long');
  expect(await failureOf(topic)).toMatchObject({ code: 'ERR_BACKPLANE_REFUSED', message: cause.message, cause });
  expect(gaps).toEqual([]);
});

test('a subscription that ends by an error fails the topic', async () => {
  const { connection, topic } = topicOf();
  await topic.subscribed();
  const cause = new Error('Permissions Violation for Subscription');
  // The client passes an empty message with an error.
  connection.subscriptions[0]?.say(cause, {} as never);
  expect(await failureOf(topic)).toMatchObject({ code: 'ERR_BACKPLANE_REFUSED', cause });
});

test('of the events of a connection, only a reconnect is a gap', async () => {
  const { connection, topic, gaps } = topicOf();
  await topic.subscribed();
  for (const type of ['disconnect', 'slowConsumer', 'reconnecting', 'reconnect', 'ping']) await connection.tell(type);
  expect(gaps).toEqual([{ reason: 'reconnect', missed: null }]);
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

test('closed under a reader: CLOSED, with the cause', async () => {
  const { connection, topic } = topicOf();
  await topic.subscribed();
  const cause = new Error('no more attempts');
  const failure = failureOf(topic);
  await connection.close(cause);
  expect(await failure).toMatchObject({ code: 'ERR_BACKPLANE_CLOSED', cause });
});

test('destroyed while it subscribes: unsubscribes, and says that it never was', async () => {
  const { connection, topic } = topicOf();
  let answer = () => {};
  connection.flush.mockReturnValueOnce(
    new Promise((resolve) => {
      answer = resolve;
    }),
  );
  const subscribed = topic.subscribed();
  topic.destroy();
  answer();
  await expect(subscribed).rejects.toMatchObject({ code: 'ERR_BACKPLANE_CLOSED' });
  expect(connection.subscriptions.map(({ unsubscribe }) => unsubscribe.mock.calls.length)).toEqual([1]);
});
