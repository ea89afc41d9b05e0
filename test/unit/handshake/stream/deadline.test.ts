import { getEventListeners } from 'node:events';
import { Deadline } from '../../../../src/handshake/stream/deadline.js';

beforeEach(() => {
  jest.useFakeTimers();
});

afterEach(() => {
  expect(jest.getTimerCount()).toBe(0);
  jest.useRealTimers();
});

test('it aborts when the time is over, not before', () => {
  const { signal } = new Deadline(100);
  jest.advanceTimersByTime(99);
  expect(signal.aborted).toBe(false);
  jest.advanceTimersByTime(1);
  expect(signal.reason).toMatchObject({
    code: 'ERR_WS_HANDSHAKE_TIMEOUT',
    message: 'The handshake was not finished within handshakeTimeoutMs (handshakeTimeoutMs 100).',
  });
});

test('Infinity starts no timer', () => {
  const { signal } = new Deadline(Number.POSITIVE_INFINITY);
  expect(jest.getTimerCount()).toBe(0);
  expect(signal.aborted).toBe(false);
});

test("it obeys the caller's signal, and keeps no listener on it", () => {
  const outer = new AbortController();
  const { signal } = new Deadline(100, outer.signal);
  outer.abort('enough');
  expect(signal.reason).toBe('enough');
  expect(getEventListeners(outer.signal, 'abort')).toEqual([]);
});

test('a signal that has aborted already aborts it at once', () => {
  expect(new Deadline(100, AbortSignal.abort('before')).signal.reason).toBe('before');
});

test('released, it aborts no more', () => {
  const outer = new AbortController();
  const deadline = new Deadline(100, outer.signal);
  deadline.release();
  outer.abort();
  jest.advanceTimersByTime(1000);
  expect(deadline.signal.aborted).toBe(false);
  expect(getEventListeners(outer.signal, 'abort')).toEqual([]);
});

test('the first reason stays', () => {
  const deadline = new Deadline(100);
  deadline.abort('first');
  deadline.abort('second');
  expect(deadline.signal.reason).toBe('first');
});
