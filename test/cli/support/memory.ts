/**
 * The memory of another process, at its peak.
 *
 * Knows: where Linux keeps it. Does not know: what the process does.
 */
import { readFileSync, writeFileSync } from 'node:fs';

export class PeakMemory {
  readonly #pid: number;
  readonly #before: number;
  readonly #timer: NodeJS.Timeout;
  #peak = 0;

  /** Watches from now on. */
  constructor(pid: number | undefined) {
    this.#pid = pid ?? 0;
    // The kernel's record of the peak begins anew (man 5 proc_pid_clear_refs).
    writeFileSync(`/proc/${this.#pid}/clear_refs`, '5');
    this.#before = this.#field('VmRSS');
    this.#timer = setInterval(() => this.#look(), 50);
  }

  /** Bytes above what it had when the watch began. May be asked when the process is gone. */
  growth(): number {
    this.#look();
    clearInterval(this.#timer);
    return this.#peak - this.#before;
  }

  #look(): void {
    this.#peak = Math.max(this.#peak, this.#field('VmHWM'));
  }

  /** 0 when the process has ended. */
  #field(name: string): number {
    try {
      const status = readFileSync(`/proc/${this.#pid}/status`, 'utf8');
      return Number(new RegExp(`^${name}:\\s+(\\d+) kB$`, 'm').exec(status)?.[1] ?? 0) * 1024;
    } catch {
      return 0;
    }
  }
}
