import { NO_STATS, sum } from '../../../src/broadcast/stats.js';

test('every counter adds up', () => {
  const one = { delivered: 1, dropped: 2, replaced: 3, queuedMessages: 4, queuedBytes: 5 };
  expect(sum(one, NO_STATS)).toEqual(one);
  expect(sum(one, one)).toEqual({ delivered: 2, dropped: 4, replaced: 6, queuedMessages: 8, queuedBytes: 10 });
});
