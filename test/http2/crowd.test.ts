/** A thousand WebSockets on one session: one that is not read does not hold up the others, and memory is bounded. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';

const MIB = 2 ** 20;

interface Result {
  readonly sessions: number;
  readonly open: number;
  readonly echoes: number;
  readonly isFull: boolean;
  readonly stoppedBytes: number;
  readonly growth: number;
}

test('1,000 sockets on one session, one stopped reader: all others are served, memory stays below the budgets', async () => {
  const args = [join(__dirname, 'children/crowd.mjs'), '1000', '20', '16384'];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  const [[report], [code]] = (await Promise.all([once(child, 'message'), once(child, 'exit')])) as [
    [{ value: Result }],
    [number],
  ];
  const { value } = report;
  console.info(`1,000 sockets: ${JSON.stringify(value)}`);
  expect(value).toMatchObject({ sessions: 1, open: 1000, echoes: 999 * 20, isFull: true });
  // The stopped one fills its own budgets, on both sides: 17 MiB each, and the windows.
  expect(value.stoppedBytes).toBeGreaterThan(15 * MIB);
  expect(value.growth).toBeLessThan(256 * MIB);
  expect(code).toBe(0);
});
