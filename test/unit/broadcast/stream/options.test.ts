import { broadcastSettings, filterOf } from '../../../../src/broadcast/stream/options.js';
import { UsageError } from '../../../../src/errors.js';

test('the defaults', () => {
  const settings = broadcastSettings({});
  expect(settings).toEqual({
    policy: 'close',
    maxBufferedBytes: 1_048_576,
    key: expect.any(Function),
    closeCode: 1013,
    closeReason: 'Too slow',
    atEnd: 'keep',
  });
  expect(settings.key('anything')).toBeUndefined();
  expect(Object.isFrozen(settings)).toBe(true);
});

test.each([
  [{ policy: 'drop' }, "policy is one of 'wait'"],
  [{ maxBufferedBytes: -1 }, 'maxBufferedBytes'],
  [{ maxBufferedBytes: 1.5 }, 'maxBufferedBytes'],
  [{ key: 'user' }, 'key is a function'],
  [{ closeCode: 1006 }, 'close code must not be sent'],
  [{ closeReason: 'x'.repeat(124) }, '123'],
  [{ atEnd: 'stay' }, 'atEnd'],
  [null, 'Broadcast needs an options object'],
] as const)('%j is a UsageError that names the option', (options, says) => {
  expect(() => broadcastSettings(options as never)).toThrow(UsageError);
  expect(() => broadcastSettings(options as never)).toThrow(says);
});

test('a filter is a function, or none', () => {
  const filter = () => true;
  expect([filterOf({}), filterOf({ filter })]).toEqual([undefined, filter]);
  expect(() => filterOf({ filter: true as never })).toThrow(UsageError);
});
