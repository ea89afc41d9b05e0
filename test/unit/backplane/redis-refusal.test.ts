import { refusalIn } from '../../../src/backplane/redis-refusal.js';

const refused = (cause: unknown) => refusalIn(cause)?.message ?? null;

test.each([
  ['WRONGTYPE Operation against a key holding the wrong kind of value', true],
  ['NOPERM this user has no permissions', true],
  ['ERR unknown command', true],
  ['LOADING Redis is loading the dataset in memory', false],
  ['OOM command not allowed', false],
  ["READONLY You can't write against a read only replica.", false],
  ['Socket closed unexpectedly', false],
  ['ERRATIC', false],
])('%s: for good? %p', (message, isForGood) => {
  const cause = new Error(message);
  expect(refused(cause)).toBe(isForGood ? message : null);
  if (isForGood) expect(refusalIn(cause)).toMatchObject({ code: 'ERR_BACKPLANE_REFUSED', cause });
});

test('a transaction that failed says so in its replies only', () => {
  const failed = (...replies: unknown[]) => Object.assign(new Error('1 commands failed, see .replies'), { replies });
  expect(refused(failed('1-0', new Error('WRONGTYPE no stream')))).toBe('WRONGTYPE no stream');
  expect(refused(failed('WRONGTYPE in a string', new Error('LOADING')))).toBeNull();
});
