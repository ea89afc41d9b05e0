/**
 * Bytes, rates and times as people write and read them.
 *
 * Knows: the units, and what is a number of each.
 * Does not know: where the texts are shown.
 */
import { UsageError } from '../errors.js';

const BYTE_UNITS = ['B', 'KiB', 'MiB', 'GiB', 'TiB'] as const;
const POWERS: Readonly<Record<string, number>> = { '': 0, k: 1, m: 2, g: 3, t: 4 };
const SIZE = /^(\d+(?:\.\d+)?)\s*([kmgt]?)(?:i?b)?$/i;
const TIME = /^(\d+(?:\.\d+)?)\s*(ms|s|m|h)?$/i;
const MILLISECONDS: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 };

/** `1.5 MiB`: three digits at most, a unit always. */
export function bytesText(bytes: number): string {
  let value = bytes;
  let unit = 0;
  while (value >= 999.5 && unit < BYTE_UNITS.length - 1) {
    value /= 1024;
    unit++;
  }
  return `${unit === 0 ? value : threeDigits(value)} ${BYTE_UNITS[unit]}`;
}

/** `64 MiB`, `1 KiB`, `1000 B`: a size that somebody has chosen, exactly, in the largest unit that it is a whole number of. */
export function sizeText(bytes: number): string {
  let [value, unit] = [bytes, 0];
  while (value > 0 && value % 1024 === 0 && unit < BYTE_UNITS.length - 1) {
    value /= 1024;
    unit++;
  }
  return `${value} ${BYTE_UNITS[unit]}`;
}

/** `10 s`, `500 ms`, `1 m`: a time that somebody has chosen, exactly, as `parseTime` reads it. */
export function timeText(ms: number): string {
  const units = Object.entries(MILLISECONDS).filter(([, size]) => ms % size === 0 && (ms > 0 || size === 1_000));
  const [unit, size] = units.at(-1) ?? ['ms', 1];
  return `${ms / size} ${unit}`;
}

/** `0:07`, `12:34`, `1:02:03`: a time that is still to come or that has passed, in minutes and seconds. */
export function clockText(ms: number): string {
  const seconds = Math.round(ms / 1_000);
  const [hours, minutes] = [Math.floor(seconds / 3_600), Math.floor((seconds % 3_600) / 60)];
  const rest = String(seconds % 60).padStart(2, '0');
  return hours > 0 ? `${hours}:${String(minutes).padStart(2, '0')}:${rest}` : `${minutes}:${rest}`;
}

/** `0.123 ms`, `12.3 ms`, `1.23 s`: three digits, for latencies. */
export function latencyText(ms: number): string {
  if (ms >= 1_000) return `${threeDigits(ms / 1_000)} s`;
  return `${ms < 1 ? ms.toFixed(3) : threeDigits(ms)} ms`;
}

/** `12,345`. */
export function countText(count: number): string {
  return String(Math.round(count)).replace(/\B(?=(\d{3})+$)/g, ',');
}

/** `64k` is 65,536: a size with an optional k, m, g or t, powers of 1,024. Throws a UsageError for anything else. */
export function parseSize(text: string): number {
  const [, number = '', unit = ''] = SIZE.exec(text.trim()) ?? [];
  if (number === '') throw new UsageError(`"${text}" is no size; 512, 64k and 1.5m are.`);
  return Math.round(Number(number) * 1024 ** (POWERS[unit.toLowerCase()] ?? 0));
}

/** `1.5s` is 1,500: milliseconds of a time in ms, s (the default), m or h. Throws a UsageError for anything else. */
export function parseTime(text: string): number {
  const [, number = '', unit = 's'] = TIME.exec(text.trim()) ?? [];
  if (number === '') throw new UsageError(`"${text}" is no time; 500ms, 2, 1.5s and 1m are.`);
  return Number(number) * (MILLISECONDS[unit.toLowerCase()] ?? 1);
}

function threeDigits(value: number): string {
  if (value >= 99.95) return value.toFixed(0);
  return value.toFixed(value >= 9.995 ? 1 : 2);
}
