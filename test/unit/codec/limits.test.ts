import { byteLimit, count, milliseconds, oneOf, optionsOf } from '../../../src/codec/limits.js';
import { UsageError } from '../../../src/errors.js';

const NEVER = [-1, 1.5, Number.NaN, -Infinity, 2 ** 53, '10', null, true, [], {}];

describe.each([
  ['byteLimit', byteLimit, [0, 1, 2 ** 53 - 1, Infinity], []],
  ['milliseconds', milliseconds, [1, 2 ** 31 - 1, Infinity], [0, 2 ** 31]],
  ['count', count, [1, 2 ** 53 - 1, Infinity], [0]],
] as const)('%s', (_, judge, taken, refused) => {
  test.each(taken)('takes %j', (value) => {
    expect(judge('name', value, 7)).toBe(value);
  });

  test('falls back when there is no value', () => {
    expect(judge('name', undefined, 7)).toBe(7);
  });

  test.each([...NEVER, ...refused])('refuses %j with a UsageError that names the option', (value) => {
    expect(() => judge('maxTestBytes', value as number, 7)).toThrow(UsageError);
    expect(() => judge('maxTestBytes', value as number, 7)).toThrow('maxTestBytes');
  });
});

test('oneOf takes the words that it lists, and says which they are', () => {
  expect(oneOf<string>('role', 'client', ['client', 'server'])).toBe('client');
  expect(() => oneOf<string>('role', 'peer', ['client', 'server'])).toThrow(/^role is one of 'client', 'server'\.$/);
});

test.each([[undefined], [null], ['client'], [5]])(
  'options that are %j are a UsageError with the owner’s name',
  (value) => {
    expect(() => optionsOf('FrameDecoder', value as never)).toThrow(UsageError);
    expect(() => optionsOf('FrameDecoder', value as never)).toThrow('FrameDecoder');
  },
);

test('options are the object that was given', () => {
  const options = { role: 'client' };
  expect(optionsOf('FrameDecoder', options)).toBe(options);
});

test('a bad number is explained in its unit', () => {
  expect(() => byteLimit('a', -1, 0)).toThrow('a is a number of bytes, a whole one from 0 up, or Infinity.');
  expect(() => milliseconds('b', 0, 0)).toThrow('b is a number of milliseconds, a whole one from 1 up, or Infinity.');
  expect(() => count('c', 0, 0)).toThrow('c is a number of items, a whole one from 1 up, or Infinity.');
});
