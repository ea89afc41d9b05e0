import { type WebSocketOptions, webSocketSettings } from '../../../src/duplex/options.js';
import { UsageError } from '../../../src/errors.js';

const MIB = 1024 * 1024;

test('the defaults are those of the documentation, and frozen', () => {
  const settings = webSocketSettings({});
  expect(settings).toMatchObject({
    readAs: 'message',
    maxMessageBytes: 16 * MIB,
    maxFrameBytes: 16 * MIB,
    maxBufferedBytes: 17 * MIB,
    closeTimeoutMs: 5_000,
    keepAlive: { intervalMs: 30_000, timeoutMs: 10_000 },
    abandoned: 'drain',
  });
  expect(Object.isFrozen(settings) && Object.isFrozen(settings.keepAlive)).toBe(true);
});

test('the limits of frame and buffer follow the one of the message', () => {
  const { maxFrameBytes, maxBufferedBytes } = webSocketSettings({ maxMessageBytes: 100 });
  expect([maxFrameBytes, maxBufferedBytes]).toEqual([100, MIB + 100]);
  expect(webSocketSettings({ maxMessageBytes: Infinity })).toMatchObject({
    maxFrameBytes: Infinity,
    maxBufferedBytes: Infinity,
  });
});

test('keepAlive: off, in part, never', () => {
  expect(webSocketSettings({ keepAlive: false }).keepAlive).toBeNull();
  expect(webSocketSettings({ keepAlive: { timeoutMs: 5 } }).keepAlive).toEqual({ intervalMs: 30_000, timeoutMs: 5 });
  expect(webSocketSettings({ keepAlive: { intervalMs: Infinity } }).keepAlive?.intervalMs).toBe(Infinity);
});

test.each([
  [{ readAs: 'messages' }, 'readAs'],
  [{ maxMessageBytes: -1 }, 'maxMessageBytes'],
  [{ maxMessageBytes: '1' }, 'maxMessageBytes'],
  [{ maxFrameBytes: 1.5 }, 'maxFrameBytes'],
  [{ maxBufferedBytes: Number.NaN }, 'maxBufferedBytes'],
  [{ closeTimeoutMs: 0 }, 'closeTimeoutMs'],
  [{ closeTimeoutMs: 2 ** 31 }, 'closeTimeoutMs'],
  [{ keepAlive: true }, 'keepAlive'],
  [{ keepAlive: null }, 'keepAlive'],
  [{ keepAlive: { intervalMs: 0 } }, 'keepAlive.intervalMs'],
  [{ keepAlive: { timeoutMs: '5' } }, 'keepAlive.timeoutMs'],
  [{ abandoned: 'ignore' }, 'abandoned'],
])('%j is a UsageError that names %s', (options, name) => {
  expect(() => webSocketSettings(options as WebSocketOptions)).toThrow(UsageError);
  expect(() => webSocketSettings(options as WebSocketOptions)).toThrow(name);
});
