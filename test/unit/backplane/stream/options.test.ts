import { natsReplay, redisReplay, topicName, topicSettings } from '../../../../src/backplane/stream/options.js';
import { UsageError } from '../../../../src/errors.js';

test('the defaults', () => {
  expect(topicSettings({})).toEqual({ maxBufferedBytes: 1_048_576, writeTimeoutMs: 30_000 });
  expect([redisReplay(undefined), redisReplay(false), natsReplay(undefined)]).toEqual([null, null, null]);
  expect(redisReplay(true)).toEqual({ from: 'new', keep: 10_000 });
  expect(natsReplay({ stream: 'S' })).toEqual({ stream: 'S', from: 'new' });
});

test('positions have the form of their engine', () => {
  expect(redisReplay({ from: { after: '17-0' } })?.from).toEqual({ after: '17-0' });
  expect(natsReplay({ stream: 'S', from: { after: '17' } })?.from).toEqual({ after: '17' });
  expect(() => redisReplay({ from: { after: '17' } })).toThrow(UsageError);
  expect(() => natsReplay({ stream: 'S', from: { after: '17-0' } })).toThrow(UsageError);
});

test.each([
  ['maxBufferedBytes', () => topicSettings({ maxBufferedBytes: -1 })],
  ['writeTimeoutMs', () => topicSettings({ writeTimeoutMs: 0 })],
  ['replay.from', () => redisReplay({ from: 'old' as never })],
  ['replay.keep', () => redisReplay({ keep: 0 })],
  ['replay.stream', () => natsReplay({ stream: 'a b' })],
  ['replay.stream', () => natsReplay({ stream: 'a.*' })],
  ['name', () => topicName('two words')],
  ['name', () => topicName('')],
  ['name', () => topicName('line\r\nPUB x')],
])('a bad %s is a UsageError that names it', (name, parse) => {
  expect(parse).toThrow(UsageError);
  expect(parse).toThrow(name);
});
