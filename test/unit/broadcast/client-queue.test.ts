import fc from 'fast-check';
import { ClientQueue, type SlowConsumerPolicy } from '../../../src/broadcast/client-queue.js';

interface Entry {
  readonly bytes: number;
  readonly key: string | undefined;
  readonly name: string;
}

const entry = (name: string, bytes = 10, key?: string): Entry => ({ name, bytes, key });

/** All that is queued, in order, by taking it. */
function drained(queue: ClientQueue<Entry>): string[] {
  const names: string[] = [];
  for (let next = queue.shift(); next !== undefined; next = queue.shift()) names.push(next.name);
  return names;
}

/** A queue of 30 bytes that was given `names`, 10 bytes each. */
function given(policy: SlowConsumerPolicy, names: string, heldBytes = 0) {
  const queue = new ClientQueue<Entry>(policy, 30);
  const outcomes = [...names].map((name) => queue.add(entry(name, 10, name.toLowerCase()), heldBytes));
  return { queue, outcomes };
}

test.each([
  ['wait', 'abcde', { left: 'abcde', dropped: 0, last: 'queued' }],
  ['drop-oldest', 'abcde', { left: 'cde', dropped: 2, last: 'queued' }],
  ['drop-newest', 'abcde', { left: 'abc', dropped: 2, last: 'dropped' }],
  ['latest', 'abcde', { left: 'cde', dropped: 2, last: 'queued' }],
  ['close', 'abcd', { left: 'abc', dropped: 0, last: 'overflow' }],
] as const)('%s: beyond the limit', (policy, names, { left, dropped, last }) => {
  const { queue, outcomes } = given(policy, names);
  expect([queue.dropped, outcomes.at(-1), queue.bytes]).toEqual([dropped, last, left.length * 10]);
  expect(drained(queue).join('')).toBe(left);
});

test.each(['drop-oldest', 'drop-newest', 'latest', 'close', 'wait'] as const)(
  '%s: what the socket holds counts',
  (policy) => {
    const { queue } = given(policy, 'ab', 15);
    expect(queue.length).toBe(policy === 'wait' ? 2 : 1);
    expect(queue.isOver(15)).toBe(policy === 'wait');
    expect(queue.isOver(10)).toBe(false);
  },
);

describe('latest', () => {
  test('the newer one of a key takes the place of the older one, and everything is sent once', () => {
    const { queue } = given('latest', 'abAcB');
    expect(queue.replaced).toBe(2);
    expect(drained(queue).join('')).toBe('ABc');
    queue.add(entry('a', 10, 'a'), 0);
    expect([queue.replaced, drained(queue).join('')]).toEqual([2, 'a']);
  });

  test('without keys there is one message at most', () => {
    const queue = new ClientQueue<Entry>('latest', 30);
    for (const name of 'abc') queue.add(entry(name), 0);
    expect([queue.length, queue.bytes, queue.replaced, drained(queue).join('')]).toEqual([1, 10, 2, 'c']);
  });

  test('one that is larger than what it replaces pushes the oldest out', () => {
    const { queue } = given('latest', 'abc');
    expect(queue.add(entry('B', 20, 'b'), 0)).toBe('queued');
    expect([queue.dropped, queue.bytes, drained(queue).join('')]).toEqual([1, 30, 'Bc']);
  });

  test('a place is found behind any number of messages that are gone', () => {
    const queue = new ClientQueue<Entry>('latest', 1_000_000);
    for (let i = 0; i < 1_000; i++) queue.add(entry(`old ${i}`, 1, `${i}`), 0);
    for (let i = 0; i < 990; i++) queue.shift();
    for (const i of [995, 999, 990]) queue.add(entry(`new ${i}`, 1, `${i}`), 0);
    expect(drained(queue).filter((name) => name.startsWith('new'))).toEqual(['new 990', 'new 995', 'new 999']);
  });
});

test.each(['drop-oldest', 'drop-newest', 'latest', 'close'] as const)(
  '%s: one message of any size may wait for a client that has nothing else',
  (policy) => {
    const queue = new ClientQueue<Entry>(policy, 30);
    expect(queue.add(entry('large', 1_000), 0)).toBe('queued');
    expect(queue.add(entry('x', 10, 'x'), 0)).toBe(
      { 'drop-newest': 'dropped', close: 'overflow' }[policy as string] ?? 'queued',
    );
  },
);

test('a large one behind others that does not fit even alone is dropped, and so are they if they were older', () => {
  const { queue } = given('drop-oldest', 'ab', 5);
  expect(queue.add(entry('large', 100), 5)).toBe('dropped');
  expect([queue.length, queue.bytes, queue.dropped]).toEqual([0, 0, 3]);
});

test('cleared, it is as new', () => {
  const { queue } = given('latest', 'abc');
  queue.clear();
  expect([queue.length, queue.bytes, queue.first, queue.shift()]).toEqual([0, 0, undefined, undefined]);
  queue.add(entry('a', 10, 'a'), 0);
  expect([queue.replaced, drained(queue).join('')]).toEqual([0, 'a']);
});

type Step = { readonly take: true } | { readonly take: false; readonly bytes: number; readonly key: string };

const steps = fc.array(
  fc.oneof(
    fc.record({
      take: fc.constant(false as const),
      bytes: fc.integer({ min: 0, max: 40 }),
      key: fc.constantFrom('a', 'b', 'c'),
    }),
    fc.constant({ take: true } as const),
  ),
  { maxLength: 200 },
);

test('laws of every policy: order is kept, bytes are those of what waits, nothing is lost without being counted', () => {
  fc.assert(
    fc.property(
      steps,
      fc.constantFrom<SlowConsumerPolicy>('wait', 'drop-oldest', 'drop-newest', 'latest', 'close'),
      judge,
    ),
  );
});

function judge(all: readonly Step[], policy: SlowConsumerPolicy): void {
  const queue = new ClientQueue<Entry & { readonly at: number }>(policy, 100);
  let [added, refused, taken] = [0, 0, 0];
  const order: number[] = [];
  all.forEach((step, at) => {
    if (step.take) {
      const one = queue.shift();
      if (one === undefined) return;
      taken++;
      order.push(one.at);
      return;
    }
    added++;
    if (queue.add({ ...entry('', step.bytes, step.key), at }, 0) === 'overflow') refused++;
    if (policy !== 'wait' && queue.length > 1) expect(queue.bytes).toBeLessThanOrEqual(100);
  });
  expect(added).toBe(taken + refused + queue.length + queue.dropped + queue.replaced);
  let left = 0;
  for (let one = queue.shift(); one !== undefined; one = queue.shift()) {
    left += one.bytes;
    order.push(one.at);
    if (queue.length === 0) expect(queue.bytes).toBe(0);
  }
  expect(left).toBeGreaterThanOrEqual(0);
  if (policy !== 'latest') expect(order).toEqual([...order].sort((a, b) => a - b));
}
