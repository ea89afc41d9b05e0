import { KeepAlive, KeepAliveClock } from '../../../src/duplex/keep-alive.js';

beforeEach(() => jest.useFakeTimers());
afterEach(() => jest.useRealTimers());

function watched(intervalMs = 1_000, timeoutMs = 100) {
  const owner = { bytesReceived: 0, isPaused: false, ping: jest.fn(), timedOut: jest.fn() };
  return { owner, keepAlive: new KeepAlive(owner, new KeepAliveClock({ intervalMs, timeoutMs })) };
}

/** Lets time pass, and what was deferred to the end of the turn. */
function pass(milliseconds: number): void {
  jest.advanceTimersByTime(milliseconds);
  jest.advanceTimersByTime(0);
}

test('silence: a ping after the interval, the end after the timeout', () => {
  const { owner } = watched();
  pass(999);
  expect(owner.ping).not.toHaveBeenCalled();
  pass(1);
  expect(owner.ping).toHaveBeenCalledTimes(1);
  pass(99);
  expect(owner.timedOut).not.toHaveBeenCalled();
  pass(2);
  expect(owner.timedOut).toHaveBeenCalledTimes(1);
  pass(10_000);
  expect(owner.timedOut).toHaveBeenCalledTimes(1);
  expect(owner.ping).toHaveBeenCalledTimes(1);
});

test('any byte is life: a peer that talks is never asked, one that answers is not given up', () => {
  const { owner } = watched();
  for (let i = 0; i < 5; i++) {
    owner.bytesReceived++;
    pass(1_000);
  }
  expect(owner.ping).not.toHaveBeenCalled();
  // The last byte came 1,000 ms ago, at a look, and was seen by the one after.
  pass(500);
  expect(owner.ping).toHaveBeenCalledTimes(1);
  owner.bytesReceived++;
  pass(100);
  pass(999);
  expect(owner.ping).toHaveBeenCalledTimes(1);
  pass(1);
  expect(owner.ping).toHaveBeenCalledTimes(2);
  expect(owner.timedOut).not.toHaveBeenCalled();
});

test.each([500, 10_000, Infinity])('a pong begins the interval again, with a timeout of %d ms too', (timeoutMs) => {
  const { owner, keepAlive } = watched(1_000, timeoutMs);
  for (let pings = 1; pings <= 5; pings++) {
    pass(999);
    expect(owner.ping).toHaveBeenCalledTimes(pings - 1);
    pass(1);
    expect(owner.ping).toHaveBeenCalledTimes(pings);
    owner.bytesReceived++;
    keepAlive.answered();
  }
  expect(owner.timedOut).not.toHaveBeenCalled();
});

test('a pong that was not asked for changes nothing', () => {
  const { owner, keepAlive } = watched();
  pass(999);
  keepAlive.answered();
  pass(1);
  expect(owner.ping).toHaveBeenCalledTimes(1);
});

test('a pong that is read only after the timer saves the connection', () => {
  const { owner, keepAlive } = watched();
  pass(1_000);
  // One step: the timer. Then the socket is read, then what the timer put off runs.
  jest.advanceTimersToNextTimer();
  owner.bytesReceived++;
  keepAlive.answered();
  pass(0);
  expect(owner.timedOut).not.toHaveBeenCalled();
});

test('a peer that falls silent between two looks is asked within one and a half intervals', () => {
  const { owner } = watched();
  pass(1);
  owner.bytesReceived++;
  pass(1_499);
  expect(owner.ping).toHaveBeenCalledTimes(1);
});

test('a byte that is read only after the timer counts as well', () => {
  const { owner } = watched();
  pass(1_000);
  // One step: the timer. Then the socket is read, then what the timer put off runs.
  jest.advanceTimersToNextTimer();
  owner.bytesReceived++;
  pass(0);
  expect(owner.timedOut).not.toHaveBeenCalled();
});

test('while we are paused nobody is asked and nobody is blamed', () => {
  const { owner } = watched();
  owner.isPaused = true;
  pass(10_000);
  expect(owner.ping).not.toHaveBeenCalled();
  owner.isPaused = false;
  pass(1_000);
  expect(owner.ping).toHaveBeenCalledTimes(1);
  owner.isPaused = true;
  pass(5_000);
  expect(owner.timedOut).not.toHaveBeenCalled();
});

test('Infinity: never', () => {
  const { owner } = watched(Infinity, 100);
  pass(2 ** 31);
  expect(owner.ping).not.toHaveBeenCalled();
  const patient = watched(1_000, Infinity);
  pass(2 ** 31);
  expect(patient.owner.timedOut).not.toHaveBeenCalled();
});

test('stop ends it at every point', () => {
  for (const after of [0, 999, 1_000, 1_050, 1_100]) {
    const { owner, keepAlive } = watched();
    jest.advanceTimersByTime(after);
    const asked = owner.ping.mock.calls.length;
    keepAlive.stop();
    pass(10_000);
    expect(owner.timedOut).not.toHaveBeenCalled();
    expect(owner.ping).toHaveBeenCalledTimes(asked);
  }
  expect(jest.getTimerCount()).toBe(0);
});
