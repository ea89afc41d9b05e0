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

/** The longest that fits. */
const BAR_COLUMNS = [40, 20, 10] as const;

/** A line of at most `columns` columns, without a newline. What matters least is left out first. */
export function progressLine(progress: Progress, columns: number): string {
  const lines = versionsOf(progress).map((parts) => parts.join('  '));
  return lines.find((line) => columnsOf(line) <= columns) ?? cutTo(lines.at(-1) ?? '', columns);
}

/** From the one that says all to the one that says how long. */
function versionsOf(progress: Progress): string[][] {
  const { sent, total, rate, elapsedMs } = progress;
  const time = clockText(elapsedMs);
  const speed = `${bytesText(Math.round(rate))}/s`;
  const flows = flowsOf(progress, '');
  if (total === null || total === 0) return [[...flows, speed, time], [speed, time], [time]];
  const share = Math.min(1, sent / total);
  const left = rate > 0 ? `ETA ${clockText(((total - sent) / rate) * 1_000)}` : 'ETA -:--';
  const [done, end] = [percent(share), share < 1 ? left : time];
  const all = [done, ...flowsOf(progress, ` of ${bytesText(total)}`), speed, end];
  const [first, ...rest] = all;
  const withBar = BAR_COLUMNS.map((size) => [`${bar(share, size)} ${first}`, ...rest]);
  return [...withBar, all, [done, ...flows, speed, end], [done, speed, end], [done, end], [done]];
}

function flowsOf({ sent, received }: Progress, ofTotal: string): string[] {
  const up = sent > 0 || received === 0 ? [`↑ ${bytesText(sent)}${ofTotal}`] : [];
  return received > 0 ? [...up, `↓ ${bytesText(received)}`] : up;
}

function bar(share: number, columns: number): string {
  const done = Math.floor(share * columns);
  return `[${'#'.repeat(done)}${'-'.repeat(columns - done)}]`;
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
