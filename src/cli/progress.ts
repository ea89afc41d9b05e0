/**
 * The line that tells how far a transfer is.
 *
 * Knows: what is worth saying at each width.
 * Does not know: clocks, terminals; it is told both.
 */
import { columnsOf, cutTo } from './terminal-text.js';
import { bytesText, clockText } from './units.js';

/** One moment of a transfer. */
export interface Progress {
  /** Payload bytes sent and received. */
  readonly sent: number;
  readonly received: number;
  /** Bytes that will be sent, where that is known. */
  readonly total: number | null;
  /** Since the transfer began. */
  readonly elapsedMs: number;
  /** Bytes a second, both ways together, lately. */
  readonly rate: number;
}

const BAR_COLUMNS = 20;

/** A line of at most `columns` columns, without a newline. */
export function progressLine(progress: Progress, columns: number): string {
  const { sent, received, total, rate, elapsedMs } = progress;
  const time = clockText(elapsedMs);
  const flows = [
    ...(sent > 0 || received === 0 ? [`↑ ${bytesText(sent)}${total === null ? '' : ` of ${bytesText(total)}`}`] : []),
    ...(received > 0 ? [`↓ ${bytesText(received)}`] : []),
  ].join('  ');
  const facts = `${flows}  ${bytesText(Math.round(rate))}/s`;
  if (total === null || total === 0) return cutTo(`${facts}  ${time}`, columns);
  const share = Math.min(1, sent / total);
  const left = rate > 0 ? `ETA ${clockText(((total - sent) / rate) * 1_000)}` : 'ETA -:--';
  const full = `${bar(share)} ${percent(share)}  ${facts}  ${share < 1 ? left : time}`;
  if (columnsOf(full) <= columns) return full;
  return cutTo(`${percent(share)}  ${facts}  ${share < 1 ? left : time}`, columns);
}

function bar(share: number): string {
  const done = Math.floor(share * BAR_COLUMNS);
  return `[${'#'.repeat(done)}${'-'.repeat(BAR_COLUMNS - done)}]`;
}

function percent(share: number): string {
  return `${String(Math.floor(share * 100)).padStart(3)}%`;
}

/** Bytes a second over the last few looks. */
export class RateMeter {
  readonly #looks: { at: number; bytes: number }[] = [];
  readonly #windowMs: number;

  /** `windowMs`: how far back it looks. */
  constructor(windowMs = 3_000) {
    this.#windowMs = windowMs;
  }

  /** Notes `bytes` at the time `at` (milliseconds) and answers with the rate since the oldest look of the window. */
  look(at: number, bytes: number): number {
    this.#looks.push({ at, bytes });
    while ((this.#looks[0]?.at ?? at) < at - this.#windowMs) this.#looks.shift();
    const first = this.#looks[0] ?? { at, bytes };
    return at === first.at ? 0 : ((bytes - first.bytes) / (at - first.at)) * 1_000;
  }
}
