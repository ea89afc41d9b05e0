import type { CloseAction } from '../../../src/codec/closing.js';
import { Closing } from '../../../src/duplex/closing.js';

beforeEach(() => jest.useFakeTimers());
afterEach(() => jest.useRealTimers());

const reason = (code: number, said = '') => ({ code, reason: said });

function closing(timeoutMs = 1_000) {
  const actions: CloseAction[] = [];
  return { actions, closing: new Closing(timeoutMs, { act: (action) => actions.push(action) }) };
}

test('our close, the answer: both said, no timer left', () => {
  const { closing: one, actions } = closing();
  one.weSend(reason(4000, 'bye'));
  expect([one.phase, one.isSent, one.received]).toEqual(['sent', true, null]);
  one.peerSends(reason(4000));
  expect(actions).toEqual(['await-peer', 'finish']);
  expect(one.isClean).toBe(true);
  expect(one.info).toEqual({ code: 4000, reason: '', sent: reason(4000, 'bye'), received: reason(4000) });
  expect([one.answer, closing().closing.answer]).toEqual([reason(4000), reason(1000)]);
  expect(jest.getTimerCount()).toBe(0);
});

test.each([
  [1000, true],
  [1001, true],
  [1005, true],
  [1002, false],
  [1011, false],
  [3000, false],
  [4000, false],
])('a peer that closes first with %i is clean: %p, and our answer does not change that', (code, isClean) => {
  const { closing: one } = closing();
  one.peerSends(reason(code));
  expect(one.isClean).toBe(isClean);
  one.weSend(reason(code));
  expect(one.isClean).toBe(isClean);
});

test('nobody has closed: not clean, 1006', () => {
  const { closing: one } = closing();
  one.input('wire-dies');
  expect([one.isClean, one.info]).toEqual([false, reason(1006)]);
});

test('a failure of ours is what closed says, unless the peer has said something', () => {
  const { closing: one } = closing();
  one.weSend(reason(1002, 'bad'), true);
  expect(one.info).toEqual({ ...reason(1002, 'bad'), sent: reason(1002, 'bad') });
  one.peerSends(reason(1001));
  expect(one.info).toMatchObject(reason(1001));
});

test('an ordinary close that nobody answers is 1006', () => {
  const { closing: one, actions } = closing();
  one.weSend(reason(1000));
  jest.advanceTimersByTime(999);
  expect(actions).toEqual(['await-peer']);
  jest.advanceTimersByTime(1);
  expect(actions).toEqual(['await-peer', 'too-late']);
  expect(one.info).toEqual({ ...reason(1006), sent: reason(1000) });
});

test('one deadline for the whole handshake; the first word of each side counts', () => {
  const { closing: one, actions } = closing();
  one.peerSends(reason(1000));
  one.peerSends(reason(1011));
  jest.advanceTimersByTime(1_000);
  expect(actions).toEqual(['answer', 'too-late']);
  one.weSend(reason(1000));
  one.weSend(reason(1001));
  expect(one.info).toEqual({ ...reason(1000), sent: reason(1000), received: reason(1000) });
  expect(actions).toHaveLength(2);
});

test('no limit, no timer; and stop clears the one there is', () => {
  closing(Infinity).closing.weSend(reason(1000));
  expect(jest.getTimerCount()).toBe(0);
  const { closing: one } = closing();
  one.weSend(reason(1000));
  one.stop();
  expect(jest.getTimerCount()).toBe(0);
});
