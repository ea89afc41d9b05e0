import { setImmediate as turn } from 'node:timers/promises';
import { LoopTurn } from '../../../../src/deflate/stream/loop-turn.js';

afterEach(() => {
  jest.restoreAllMocks();
});

test('a turn is over half a millisecond after its first question, for all who ask, and another one begins after an immediate', async () => {
  const now = jest.spyOn(performance, 'now');
  const loop = new LoopTurn();
  const answers = [0, 0.4, 0.5, 50].map((milliseconds) => {
    now.mockReturnValue(1_000 + milliseconds);
    return loop.isOver;
  });
  expect(answers).toEqual([false, false, true, true]);
  await turn();
  expect(loop.isOver).toBe(false);
});
