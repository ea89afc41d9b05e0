/**
 * Runs a program for as long as whoever started this process lives: `keeper.mjs <command> <arguments>`.
 *
 * Started by start.mjs with an IPC channel, which the system closes when start.mjs is gone, however it went. What the
 * program prints passes through; its exit code is ours. FOLDER, if it is set, is the program's own, and removed after it.
 */
import { spawn } from 'node:child_process';
import { rmSync } from 'node:fs';

const [command, ...args] = process.argv.slice(2);
const program = spawn(command, args, { stdio: 'inherit' });

program.on('error', (error) => {
  console.error(error.message);
  process.exit(1);
});
program.on('exit', (code) => process.exit(code ?? 1));
process.on('exit', () => {
  if (process.env.FOLDER) rmSync(process.env.FOLDER, { recursive: true, force: true });
});
process.on('disconnect', () => program.kill('SIGTERM'));
process.on('SIGTERM', () => program.kill('SIGTERM'));
// Ctrl-C reaches the whole group of a terminal; start.mjs says when it is time.
process.on('SIGINT', () => {});
