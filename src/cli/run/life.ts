/**
 * How a command comes to its end: by itself, by Ctrl-C, by SIGTERM, or because nobody reads its output any more.
 *
 * Knows: signals, the broken pipe, exit codes.
 * Does not know: what a command does; it listens for `stop` and winds up.
 */
import { EventEmitter } from 'node:events';

/** Why a command was asked to stop. */
export type StopReason = 'SIGINT' | 'SIGTERM' | 'EPIPE';

/** What the shell is told: 128 and the number of the signal. A reader that has had enough is no failure. */
const EXIT_CODES: Readonly<Record<StopReason, number>> = { SIGINT: 130, SIGTERM: 143, EPIPE: 0 };

/** A command that was asked to stop has this long, and so has what is left of one that is done: a peer may not hang up. */
export const LINGER_MS = 2_500;

/** Events: 'stop' with the StopReason, once. */
export class Life extends EventEmitter {
  #reason: StopReason | null = null;

  /** Why the command is to stop, or null. */
  get reason(): StopReason | null {
    return this.#reason;
  }

  /** Asks to stop. The second time there is no more patience. */
  stop(reason: StopReason): void {
    if (this.#reason !== null) {
      if (reason !== 'EPIPE') process.exit(EXIT_CODES[reason]);
      return;
    }
    this.#reason = reason;
    setTimeout(() => this.exit(), LINGER_MS).unref();
    this.emit('stop', reason);
  }

  /** Ends the process now, when it was asked to stop: for a command that has nobody to take leave of. */
  exit(): void {
    if (this.#reason !== null) process.exit(EXIT_CODES[this.#reason]);
  }

  /** Listens for the signals and for a stdout that nobody reads. */
  watchProcess(): void {
    process.on('SIGINT', () => this.stop('SIGINT'));
    process.on('SIGTERM', () => this.stop('SIGTERM'));
    process.stdout.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EPIPE' && error.code !== 'ERR_STREAM_DESTROYED') process.exitCode = 1;
      this.stop('EPIPE');
    });
    process.stderr.on('error', () => {});
  }

  /** Calls `stop` when the command is asked to stop, at once if it has been. */
  onStop(stop: (reason: StopReason) => void): void {
    if (this.#reason !== null) stop(this.#reason);
    else this.once('stop', stop);
  }

  /** Resolves when the command is asked to stop. */
  get stopped(): Promise<void> {
    return new Promise((resolve) => this.onStop(() => resolve()));
  }

  /** Ends the process when everything has been written, or soon. `code` is the command's own; a signal goes before it. */
  end(code: number): void {
    process.exitCode = this.#reason === null ? code : EXIT_CODES[this.#reason];
    process.stdin.destroy();
    setTimeout(() => process.exit(), LINGER_MS).unref();
  }
}
