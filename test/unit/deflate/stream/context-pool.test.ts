import { setTimeout as sleep } from 'node:timers/promises';
import { ContextPool, type Tenant } from '../../../../src/deflate/stream/context-pool.js';
import { ZlibContext } from '../../../../src/deflate/stream/zlib-context.js';

/** A tenant that writes down what happens to it. */
class Guest implements Tenant {
  context: ZlibContext | null = null;
  usedLately = false;
  isBusy = false;
  vacated = 0;

  enter(pool: ContextPool): ZlibContext {
    this.context = pool.take(this);
    return this.context;
  }

  leave(pool: ContextPool): void {
    const context = this.vacate();
    this.vacated--;
    pool.giveBack(this, context);
  }

  vacate(): ZlibContext {
    const { context } = this;
    if (context === null) throw new Error('Vacated twice.');
    this.context = null;
    this.vacated++;
    return context;
  }
}

const poolOf = (limit: number, idleMs = Infinity) => {
  const made: ZlibContext[] = [];
  const make = () => {
    const context = ZlibContext.inflate(15);
    made.push(context);
    return context;
  };
  return { pool: new ContextPool(make, limit, idleMs), made };
};

const guests = (count: number) => Array.from({ length: count }, () => new Guest());

test('a context that was given back serves the next tenant', () => {
  const { pool, made } = poolOf(4);
  for (const guest of guests(10)) {
    guest.enter(pool);
    guest.leave(pool);
  }
  expect([made.length, pool.size]).toEqual([1, 1]);
});

test('over the limit the longest unused loses its context to the newcomer', () => {
  const { pool, made } = poolOf(2);
  const [first, second, third] = guests(3) as [Guest, Guest, Guest];
  first.enter(pool);
  second.enter(pool);
  first.usedLately = false;
  third.enter(pool);
  expect([first.vacated, second.vacated, made.length, pool.size]).toEqual([1, 0, 2, 2]);
});

test('a message under way keeps its context, and the pool grows instead; later it shrinks again', () => {
  const { pool } = poolOf(2);
  const all = guests(6);
  for (const guest of all.slice(0, 4)) {
    guest.isBusy = true;
    guest.enter(pool);
  }
  expect(pool.size).toBe(4);
  for (const guest of all) guest.isBusy = false;
  all[4]?.enter(pool);
  all[5]?.enter(pool);
  expect(pool.size).toBe(2);
});

test('more contexts than the limit are closed when they are given back', () => {
  const { pool, made } = poolOf(1);
  const all = guests(3);
  for (const guest of all) {
    guest.isBusy = true;
    guest.enter(pool);
  }
  for (const guest of all) guest.leave(pool);
  expect([pool.size, made.filter(({ isClosed }) => !isClosed).length]).toEqual([1, 1]);
});

test('a context that failed is closed', () => {
  const { pool, made } = poolOf(1);
  const [guest] = guests(1) as [Guest];
  pool.discard(guest, guest.enter(pool));
  expect([pool.size, made[0]?.isClosed]).toEqual([0, true]);
});

test('after idleMs the unused ones are closed, the used and the busy ones stay', async () => {
  const { pool, made } = poolOf(9, 40);
  const [idle, used, busy, gone] = guests(4) as [Guest, Guest, Guest, Guest];
  for (const guest of [idle, used, busy, gone]) guest.enter(pool);
  busy.isBusy = true;
  gone.leave(pool);
  const use = setInterval(() => {
    used.usedLately = true;
  }, 5);
  await sleep(150);
  clearInterval(use);
  expect([idle.vacated, used.vacated, busy.vacated]).toEqual([1, 0, 0]);
  expect(made.map(({ isClosed }) => isClosed)).toEqual([true, false, false, true]);
  busy.isBusy = false;
  await sleep(150);
  expect(pool.size).toBe(0);
});
