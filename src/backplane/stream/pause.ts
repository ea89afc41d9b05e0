/**
 * A pause between two attempts.
 *
 * Does not keep a process alive on its own.
 */
import { setTimeout as after } from 'node:timers/promises';

/** Resolves after `ms` milliseconds. */
export function pause(ms: number): Promise<void> {
  return after(ms, undefined, { ref: false });
}
