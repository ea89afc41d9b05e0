/**
 * How much memory this process has taken from the system since it began to watch, at its peak.
 */
import { readFileSync, writeFileSync } from 'node:fs';

/** Starts watching. `growth()` answers with bytes: the peak since now above what is used now. */
export function watchMemory() {
  forgetPeak();
  const before = process.memoryUsage.rss();
  let sampled = before;
  const timer = setInterval(() => {
    sampled = Math.max(sampled, process.memoryUsage.rss());
  }, 20);
  timer.unref();
  return { growth: () => Math.max(sampled, highWaterMark(), process.memoryUsage.rss()) - before };
}

/** The kernel's own record of the peak; it misses nothing between two samples. 0 where there is none. */
function highWaterMark() {
  if (process.platform !== 'linux') return 0;
  const line = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync('/proc/self/status', 'utf8'));
  return Number(line?.[1] ?? 0) * 1024;
}

/** The kernel's record begins anew (man 5 proc_pid_clear_refs); where that is not allowed, older peaks count too. */
function forgetPeak() {
  try {
    writeFileSync('/proc/self/clear_refs', '5');
  } catch {
    // There is no such file elsewhere.
  }
}
