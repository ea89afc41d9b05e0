/**
 * A feed for 1,000 clients of which 100 do not read: what waits for those is bounded by the limit of the policy, and the
 * others get everything. Each stalled client is sent 12 MiB of its own, so that an unbounded queue takes a gigabyte.
 */
import type { BroadcastStats, SlowConsumerPolicy } from '../../src/index.js';
import { type Child, Children } from './support/child.js';
import { figure, inMebibytes, KIBIBYTE, MEBIBYTE } from './support/figures.js';

const READING = 900;
const STALLED = 100;
const LIMIT = 256 * KIBIBYTE;
/** What the server takes besides: garbage until it is collected, buffers of 900 sockets. Measured: 20 to 47 MiB. */
const ALLOWANCE = 96 * MEBIBYTE;
/** Of 64 KiB to each stalled client and 1 KiB to all. */
const ROUNDS = 192;
/** What all clients together are to get. */
const WANTED = ROUNDS * (READING + 2 * STALLED);

type Stats = BroadcastStats & { readonly growth: number };

const children = new Children();
afterEach(() => children.end());

async function begin(policy: SlowConsumerPolicy): Promise<[Child, Child]> {
  const host = children.start('feed-host', { args: [policy, LIMIT, ROUNDS] });
  const readers = children.start('feed-readers', { args: [READING, STALLED] });
  readers.tell('port', await host.heard('port'));
  readers.tell('open');
  await readers.heard('opened');
  while ((await ask<number>(host, 'count')) < READING + STALLED);
  host.tell('begin');
  return [host, readers];
}

async function ask<T>(child: Child, word: string): Promise<T> {
  child.tell(word);
  return child.heard<T>(word);
}

/** Resolves when each of them has heard so many, and fails when one has heard more. */
async function untilHeard(readers: Child, word: 'heard' | 'stalled', count: number): Promise<void> {
  let [least, most] = [0, 0];
  while (least < count) [least, most] = await ask<[number, number]>(readers, word);
  expect([least, most]).toEqual([count, count]);
}

async function expectBounded(host: Child, policy: SlowConsumerPolicy): Promise<Stats> {
  const stats = await ask<Stats>(host, 'stats');
  figure(`${policy}: RSS grew by ${inMebibytes(stats.growth)}, ${STALLED} × limit = ${inMebibytes(STALLED * LIMIT)}`);
  expect(stats.growth).toBeLessThan(STALLED * LIMIT + ALLOWANCE);
  return stats;
}

test.each(['drop-oldest', 'drop-newest', 'latest'] as const)(
  '%s',
  async (policy) => {
    const [host, readers] = await begin(policy);
    await host.heard('done');
    await untilHeard(readers, 'heard', ROUNDS);
    const { delivered, dropped, replaced, queuedMessages, queuedBytes, written, closed, waits } = await expectBounded(
      host,
      policy,
    );
    expect(delivered + dropped + replaced + queuedMessages).toBe(WANTED);
    expect([written, closed, waits]).toEqual([ROUNDS * (STALLED + 1), 0, 0]);
    expect(dropped).toBeGreaterThan(0);
    expect(replaced > 0).toBe(policy === 'latest');
    expect(queuedBytes).toBeLessThanOrEqual(STALLED * LIMIT);
  },
  120_000,
);

test('close', async () => {
  const [host, readers] = await begin('close');
  await host.heard('done');
  await untilHeard(readers, 'heard', ROUNDS);
  const stats = await expectBounded(host, 'close');
  expect(stats).toMatchObject({ closed: STALLED, dropped: 0, queuedMessages: 0, queuedBytes: 0 });
  expect(await ask(host, 'count')).toBe(READING);
}, 120_000);

test('wait: the source stops, and when they read on nobody has missed anything', async () => {
  const [host, readers] = await begin('wait');
  await host.heard('stopped');
  const { written } = await expectBounded(host, 'wait');
  expect(written).toBeLessThan(ROUNDS * (STALLED + 1));
  readers.tell('read on');
  await host.heard('done');
  await untilHeard(readers, 'heard', ROUNDS);
  await untilHeard(readers, 'stalled', 2 * ROUNDS);
  const stats = await expectBounded(host, 'wait');
  expect(stats).toMatchObject({ delivered: WANTED, dropped: 0, replaced: 0, closed: 0, queuedMessages: 0 });
  expect(stats.waits).toBeGreaterThan(0);
}, 120_000);
