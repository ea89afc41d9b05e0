/**
 * `--origins`, for every command that listens: which pages may connect.
 *
 * Knows: how a list of origins is typed.
 * Does not know: origins.
 */
import type { Command } from 'commander';

/** Adds the option. */
export function addOriginsFlag(command: Command): Command {
  return command.option('--origins <list>', 'let pages of these origins in, separated by commas; "*" for all');
}

/** What `createServer` takes for it; without the option only pages of the server's own origin. */
export function originsOf(list: string | undefined): 'same' | '*' | string[] {
  if (list === undefined) return 'same';
  return list === '*' ? '*' : list.split(',').map((one) => one.trim());
}
