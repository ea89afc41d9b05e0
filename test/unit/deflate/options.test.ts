import { deflateSettings } from '../../../src/deflate/options.js';
import { UsageError } from '../../../src/errors.js';

test('false and nothing switch it off; true and {} are the defaults, frozen', () => {
  expect([deflateSettings(false), deflateSettings(undefined)]).toEqual([null, null]);
  const settings = deflateSettings(true);
  expect(settings).toEqual(deflateSettings({}));
  expect(settings).toMatchObject({ level: 6, memLevel: 6, serverMaxWindowBits: null, idleReleaseMs: 10_000 });
  expect(Object.isFrozen(settings)).toBe(true);
});

test('values stay as they were given', () => {
  const given = {
    serverNoContextTakeover: true,
    clientNoContextTakeover: true,
    serverMaxWindowBits: 8,
    clientMaxWindowBits: 15,
    level: 0,
    memLevel: 9,
    threshold: 0,
    idleReleaseMs: Infinity,
    maxContexts: 1,
  };
  expect(deflateSettings(given)).toEqual(given);
});

test.each([
  ['deflate', 'yes'],
  ['deflate', null],
  ['deflate', 1],
  ['serverNoContextTakeover', { serverNoContextTakeover: 1 }],
  ['clientNoContextTakeover', { clientNoContextTakeover: null }],
  ['serverMaxWindowBits', { serverMaxWindowBits: 7 }],
  ['serverMaxWindowBits', { serverMaxWindowBits: '9' }],
  ['clientMaxWindowBits', { clientMaxWindowBits: 16 }],
  ['clientMaxWindowBits', { clientMaxWindowBits: 9.5 }],
  ['level', { level: -1 }],
  ['level', { level: 10 }],
  ['memLevel', { memLevel: 0 }],
  ['memLevel', { memLevel: Number.NaN }],
  ['threshold', { threshold: -1 }],
  ['idleReleaseMs', { idleReleaseMs: 0 }],
  ['idleReleaseMs', { idleReleaseMs: 2 ** 31 }],
  ['maxContexts', { maxContexts: 0 }],
])('a bad %s is a UsageError that names it: %p', (name, options) => {
  const parse = () => deflateSettings(options as never);
  expect(parse).toThrow(UsageError);
  expect(parse).toThrow(name);
});
