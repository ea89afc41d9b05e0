import { DueQueue, type Waiting } from '../../../src/duplex/due-queue.js';

beforeEach(() => jest.useFakeTimers());
afterEach(() => jest.useRealTimers());

function waiting(then: () => void = () => {}): Waiting & { due: jest.Mock } {
  return { dueAt: 0, due: jest.fn(then) };
}

test('each is due at its own time, and there is one timer for all', () => {
  const queue = new DueQueue(1_000);
  const [first, second, third] = [waiting(), waiting(), waiting()];
  queue.add(first);
  jest.advanceTimersByTime(400);
  queue.add(second);
  queue.add(third);
  expect(jest.getTimerCount()).toBe(1);
  jest.advanceTimersByTime(599);
  expect(first.due).not.toHaveBeenCalled();
  jest.advanceTimersByTime(1);
  expect([first, second, third].map(({ due }) => due.mock.calls.length)).toEqual([1, 0, 0]);
  jest.advanceTimersByTime(399);
  expect(second.due).not.toHaveBeenCalled();
  jest.advanceTimersByTime(1);
  expect([first, second, third].map(({ due }) => due.mock.calls.length)).toEqual([1, 1, 1]);
  expect(jest.getTimerCount()).toBe(0);
});

test('what is taken out is never due; without anything to wait for there is no timer', () => {
  const queue = new DueQueue(1_000);
  const [first, second] = [waiting(), waiting()];
  queue.add(first);
  queue.add(second);
  queue.delete(first);
  expect(jest.getTimerCount()).toBe(1);
  jest.advanceTimersByTime(1_000);
  expect([first.due.mock.calls.length, second.due.mock.calls.length]).toEqual([0, 1]);
  queue.add(first);
  queue.delete(first);
  queue.delete(first);
  expect(jest.getTimerCount()).toBe(0);
});

test('what queues itself again, or takes others out, while it is due', () => {
  const queue = new DueQueue(1_000);
  const victim = waiting();
  const again = waiting(() => {
    queue.delete(victim);
    queue.add(again);
  });
  queue.add(again);
  queue.add(victim);
  jest.advanceTimersByTime(3_000);
  expect(again.due).toHaveBeenCalledTimes(3);
  expect(victim.due).not.toHaveBeenCalled();
});

test('what throws does not stop the clock of the others', () => {
  const queue = new DueQueue(1_000);
  const bad = waiting(() => {
    throw new Error('yours');
  });
  const good = waiting();
  queue.add(bad);
  queue.add(good);
  expect(() => jest.advanceTimersByTime(1_000)).toThrow('yours');
  jest.advanceTimersByTime(1);
  expect(good.due).toHaveBeenCalledTimes(1);
});

test('Infinity: nothing is ever due, and nothing is kept', () => {
  const queue = new DueQueue(Infinity);
  queue.add(waiting());
  expect(jest.getTimerCount()).toBe(0);
});

test('it does not keep the process alive', () => {
  jest.useRealTimers();
  const before = process.getActiveResourcesInfo().filter((kind) => kind === 'Timeout').length;
  const queue = new DueQueue(1_000);
  const one = waiting();
  queue.add(one);
  expect(process.getActiveResourcesInfo().filter((kind) => kind === 'Timeout').length).toBe(before);
  queue.delete(one);
});
