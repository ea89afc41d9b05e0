/**
 * A real terminal: tmux, with a server of its own.
 *
 * Knows: how to run a shell command in it, to press keys, to read the screen, to wait for what it shows.
 * Does not know: what runs in it. tmux comes from Debian (.ci/run); without it these tests fail.
 */
import { execFileSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import { MAIN, ROOT } from './program.js';

const DEADLINE_MS = 15_000;
const LOOK_MS = 30;

/** `framepipe` as a word for the shell. */
export const FRAMEPIPE = `'${process.execPath}' '${MAIN}'`;

export class Terminal {
  readonly #name = `framepipe-${randomUUID()}`;

  /** Opens a shell in a screen of that size; `env` is added to its environment. */
  constructor({
    columns = 80,
    rows = 24,
    env = {},
  }: { columns?: number; rows?: number; env?: Record<string, string> }) {
    const vars = Object.entries({ PS1: '$ ', HISTFILE: '/dev/null', ...env }).flatMap(([name, value]) => [
      '-e',
      `${name}=${value}`,
    ]);
    const size = ['-x', String(columns), '-y', String(rows)];
    // Whoever runs the tests may have switched colours off for himself.
    const shell = `${'NO_COLOR' in env ? '' : 'env -u NO_COLOR '}bash --norc --noprofile`;
    this.#tmux('-f', '/dev/null', 'new-session', '-d', ...size, '-c', ROOT, ...vars, shell);
  }

  /** Types a line and presses Enter. */
  enter(line: string): void {
    this.#tmux('send-keys', '-l', line);
    this.#tmux('send-keys', 'Enter');
  }

  /** Presses keys by tmux's names: `C-c`, `Up`, `Left`; other text is typed. */
  press(...keys: readonly string[]): void {
    this.#tmux('send-keys', ...keys);
  }

  /** What the screen shows, without colours and trailing spaces. */
  screen(): string {
    return this.#tmux('capture-pane', '-p').replace(/[ \t]+$/gm, '');
  }

  /** What the screen shows, with the escape sequences of its colours. */
  painted(): string {
    return this.#tmux('capture-pane', '-p', '-e');
  }

  /** Everything since the start, lines that the terminal wrapped joined again. */
  history(): string {
    return this.#tmux('capture-pane', '-p', '-J', '-S', '-').replace(/[ \t]+$/gm, '');
  }

  /** The screen, once it matches. */
  async shows(pattern: RegExp): Promise<string> {
    const deadline = Date.now() + DEADLINE_MS;
    for (;;) {
      const screen = this.screen();
      if (pattern.test(screen)) return screen;
      if (Date.now() > deadline) throw new Error(`The screen does not show ${pattern}:\n${screen}`);
      await wait(LOOK_MS);
    }
  }

  close(): void {
    this.#tmux('kill-server');
  }

  #tmux(...args: readonly string[]): string {
    return execFileSync('tmux', ['-L', this.#name, ...args], { encoding: 'utf8' });
  }
}
