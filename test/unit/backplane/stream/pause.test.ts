import { pause } from '../../../../src/backplane/stream/pause.js';

test('takes its time, and keeps no process alive', async () => {
  const timers = () => process.getActiveResourcesInfo().filter((kind) => kind === 'Timeout').length;
  const before = timers();
  let isOver = false;
  const paused = pause(20).then(() => {
    isOver = true;
  });
  await Promise.resolve();
  expect([timers(), isOver]).toEqual([before, false]);
  await paused;
});
