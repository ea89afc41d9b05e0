/** What Debian's package manager knows. It is asked for versions of programs that do not tell them. */
import { execFileSync } from 'node:child_process';

/** The version of an installed package, without Debian's own part of it. */
export function packageVersion(name: string): string {
  const said = execFileSync('dpkg-query', ['-W', name], { encoding: 'utf8' });
  return /\t(?:\d+:)?([^-+~\s]+)/.exec(said)?.[1] ?? '';
}
