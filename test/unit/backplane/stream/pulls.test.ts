import type { NatsClient, NatsMessage } from '../../../../src/backplane/stream/clients.js';
import { Pulls } from '../../../../src/backplane/stream/pulls.js';

type Callback = (error: Error | null, message: NatsMessage) => void;

/** A connection by hand: real ones lose no reply, send none late and are not closed between two lines of ours. */
function pullsOf(publish: () => void = () => {}) {
  const inboxes: { subject: string; say: Callback; unsubscribe: jest.Mock }[] = [];
  const connection = {
    publish,
    subscribe: (subject: string, { callback }: { callback: Callback }) => {
      const unsubscribe = jest.fn();
      inboxes.push({ subject, say: callback, unsubscribe });
      return { unsubscribe };
    },
  } as unknown as NatsClient;
  const heard: [number, string][] = [];
  const pulls = new Pulls(connection, (sequence, bytes) => heard.push([sequence, String(bytes)]));
  const pull = (batch: number, silenceMs = 60_000) => pulls.pull('next', Buffer.alloc(0), batch, silenceMs);
  const say = (at: number, sequence: number) =>
    inboxes[at]?.say(null, message(`${sequence}`, `$JS.ACK.S.C.1.${sequence}.1.0.0`));
  const status = (at: number, code: number) =>
    inboxes[at]?.say(null, { ...message(''), headers: { code, description: '' } });
  return { pulls, pull, say, status, inboxes, heard };
}

function message(data: string, reply?: string): NatsMessage {
  return { data: Buffer.from(data), reply };
}

test('through when all messages are there; one that comes late is nobody’s', async () => {
  const { pull, pulls, say, heard, inboxes } = pullsOf();
  const first = pull(2);
  say(0, 1);
  say(0, 2);
  expect(await first).toBe(true);
  const second = pull(1);
  say(0, 3);
  say(1, 4);
  expect(await second).toBe(true);
  expect(heard).toEqual([
    [1, '1'],
    [2, '2'],
    [4, '4'],
  ]);
  pulls.close();
  expect(inboxes.map(({ unsubscribe }) => unsubscribe.mock.calls.length)).toEqual([1, 1]);
});

test.each([
  [404, true],
  [408, true],
  [409, false],
  [503, false],
])('status %d ends it, and the consumer is well: %p', async (code, isWell) => {
  const { pull, status } = pullsOf();
  const over = pull(2);
  status(0, 100);
  status(0, code);
  expect(await over).toBe(isWell);
});

test('silence, an interruption, an error and the end: nobody knows', async () => {
  const { pull, pulls, inboxes } = pullsOf();
  expect(await pull(1, 1)).toBe(false);
  const interrupted = pull(1);
  pulls.interrupt();
  const failed = pull(1);
  inboxes[2]?.say(new Error('no'), message(''));
  const closed = pull(1);
  pulls.close();
  expect(await Promise.all([interrupted, failed, closed])).toEqual([false, false, false]);
});

test('a closed connection rejects, and leaves no timer that keeps the process', async () => {
  const timers = () => process.getActiveResourcesInfo().filter((kind) => kind === 'Timeout').length;
  const { pull } = pullsOf(() => {
    throw new Error('closed');
  });
  const before = timers();
  await expect(pull(1)).rejects.toThrow('closed');
  expect(timers()).toBe(before);
});
