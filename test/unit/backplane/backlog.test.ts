import { Backlog } from '../../../src/backplane/backlog.js';

test('counts what waits, and says how far the reader is', () => {
  const backlog = new Backlog(null);
  for (let at = 1; at <= 5; at++) backlog.add(at * 10, `${at}`);
  expect([backlog.bytes, backlog.position]).toEqual([150, null]);
  backlog.settle(2);
  expect([backlog.bytes, backlog.position]).toEqual([90, '3']);
  backlog.settle(2);
  expect(backlog.position).toBe('3');
  backlog.settle(0);
  expect([backlog.bytes, backlog.position]).toEqual([0, '5']);
});

test('messages without a position leave the last one as it is', () => {
  const backlog = new Backlog('7');
  backlog.add(1, null);
  backlog.settle(0);
  expect(backlog.position).toBe('7');
});
