/**
 * The lines that were typed before, in a file of the user's own.
 *
 * Knows: where it is (XDG Base Directory: the state directory), that nobody else may read it, how long it gets.
 * Does not know: the terminal. A history that cannot be read or written is no reason to stop.
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, isAbsolute, join } from 'node:path';

const MAX_LINES = 1_000;

/** `$XDG_STATE_HOME/framepipe/history`, or below `~/.local/state`. A relative path there is to be ignored. */
export function historyFile(env: NodeJS.ProcessEnv = process.env): string {
  const { XDG_STATE_HOME: state } = env;
  const base = state !== undefined && isAbsolute(state) ? state : join(homedir(), '.local/state');
  return join(base, 'framepipe/history');
}

/** The lines, newest first, as readline has them. */
export function readHistory(path: string): string[] {
  try {
    const lines = readFileSync(path, 'utf8').split('\n');
    return lines.filter((line) => line !== '').slice(0, MAX_LINES);
  } catch {
    return [];
  }
}

/** Writes the lines, newest first, readable by their owner only. */
export function writeHistory(path: string, lines: readonly string[]): void {
  try {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    writeFileSync(path, `${lines.slice(0, MAX_LINES).join('\n')}\n`, { mode: 0o600 });
  } catch {
    // A home that is read-only has no history.
  }
}
