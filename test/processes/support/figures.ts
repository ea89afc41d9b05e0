/** Sizes that several tests share, what the kernel may hold, and how to show what was measured. */
import { existsSync, readFileSync } from 'node:fs';

export const KIBIBYTE = 1024;
export const MEBIBYTE = 1024 * KIBIBYTE;
export const GIBIBYTE = 1024 * MEBIBYTE;

/** A process that holds a message budget of 17 MiB and no more grows by less than this. */
export const FLAT_BYTES = 64 * MEBIBYTE;

/** The most that the kernel holds for one connection: the sender's buffer and the receiver's. */
export function kernelBytes(): number {
  return largest('wmem', 16 * MEBIBYTE) + largest('rmem', 16 * MEBIBYTE);
}

/** The third figure of `/proc/sys/net/ipv4/tcp_…` on Linux. */
function largest(name: string, elsewhere: number): number {
  const path = `/proc/sys/net/ipv4/tcp_${name}`;
  return existsSync(path) ? Number(readFileSync(path, 'utf8').trim().split(/\s+/)[2]) : elsewhere;
}

/** Bytes as a figure for people. */
export const inMebibytes = (bytes: number): string => `${(bytes / MEBIBYTE).toFixed(1)} MiB`;

/** Prints what was measured, for those who ask: FRAMEPIPE_FIGURES=1. */
export function figure(line: string): void {
  const { FRAMEPIPE_FIGURES } = process.env;
  if (FRAMEPIPE_FIGURES === '1') process.stdout.write(`${line}\n`);
}
