/** The progress line says what is known, and fits. */
import { type Progress, progressLine, RateMeter } from '../../../src/cli/progress.js';
import { columnsOf } from '../../../src/cli/terminal-text.js';

const MIB = 1024 ** 2;
const half: Progress = { sent: 50 * MIB, received: 0, total: 100 * MIB, elapsedMs: 5_000, rate: 10 * MIB };

test('with a known size: a bar, the share, the rate, the time that is left', () => {
  expect(progressLine(half, 80)).toBe('[##########----------]  50%  ↑ 50.0 MiB of 100 MiB  10.0 MiB/s  ETA 0:05');
});

test('done is 100 % and the time that it took', () => {
  expect(progressLine({ ...half, sent: 100 * MIB }, 100)).toMatch(/100% .* 0:05$/);
});

test('without a size: bytes each way, rate and time', () => {
  expect(progressLine({ ...half, total: null, received: MIB }, 100)).toBe('↑ 50.0 MiB  ↓ 1.00 MiB  10.0 MiB/s  0:05');
  expect(progressLine({ ...half, sent: 0, total: null, received: MIB }, 100)).toBe('↓ 1.00 MiB  10.0 MiB/s  0:05');
});

test('at a standstill nobody knows when it ends', () => {
  expect(progressLine({ ...half, rate: 0 }, 100)).toContain('ETA -:--');
});

test('it fits into any width', () => {
  for (const progress of [half, { ...half, total: null, received: MIB }])
    for (let columns = 1; columns < 120; columns++)
      expect(columnsOf(progressLine(progress, columns))).toBeLessThanOrEqual(columns);
});

test.each([
  [92, '[####################--------------------]  50%  ↑ 50.0 MiB of 100 MiB  10.0 MiB/s  ETA 0:05'],
  [91, '[##########----------]  50%  ↑ 50.0 MiB of 100 MiB  10.0 MiB/s  ETA 0:05'],
  [71, '[#####-----]  50%  ↑ 50.0 MiB of 100 MiB  10.0 MiB/s  ETA 0:05'],
  [61, ' 50%  ↑ 50.0 MiB of 100 MiB  10.0 MiB/s  ETA 0:05'],
  [40, ' 50%  ↑ 50.0 MiB  10.0 MiB/s  ETA 0:05'],
  [30, ' 50%  10.0 MiB/s  ETA 0:05'],
  [20, ' 50%  ETA 0:05'],
  [10, ' 50%'],
])('in %i columns the part that matters least is left out, never the end of the line', (columns, line) => {
  expect(progressLine(half, columns)).toBe(line);
});

test('in few columns without a size the time stays', () => {
  const { sent, ...rest } = half;
  expect(progressLine({ ...rest, sent, total: null }, 20)).toBe('10.0 MiB/s  0:05');
  expect(progressLine({ ...rest, sent, total: null }, 8)).toBe('0:05');
});

test('a rate is over the last few seconds', () => {
  const meter = new RateMeter(1_000);
  expect(meter.look(0, 0)).toBe(0);
  expect(meter.look(500, 500)).toBe(1_000);
  expect(meter.look(1_000, 500)).toBe(500);
  expect(meter.look(2_000, 500)).toBe(0);
});
