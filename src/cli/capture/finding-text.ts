/**
 * Findings as rows of a table and as lines of JSON.
 *
 * Knows: the columns, what of a payload is shown, the names of the fields.
 * Does not know: the screen, beyond its width.
 */
import { Opcode } from '../../codec/frame.js';
import { decodeUtf8 } from '../../codec/utf8.js';
import { columnsOf, cutTo, oneLine, padTo } from '../terminal-text.js';
import type { Finding } from './finding.js';
import type { CapturedFrame } from './frame-reader.js';

const NAMES: Readonly<Record<number, string>> = Object.fromEntries(
  Object.entries(Opcode).map(([name, opcode]) => [opcode, name]),
);

/** A payload is shown in at least so many columns, however narrow the screen is. */
const LEAST_PAYLOAD_COLUMNS = 16;
/** Bytes of a payload that are looked at for a row: no screen shows more. */
const SHOWN_BYTES = 4_096;

const COLUMNS = [
  { name: 'time', width: 10, side: 'left' },
  { name: 'from', width: 6, side: 'right' },
  { name: 'opcode', width: 12, side: 'right' },
  { name: 'flags', width: 8, side: 'right' },
  { name: 'bytes', width: 9, side: 'left' },
] as const;

/** The table of one run. */
export interface TableOptions {
  /** What its time counts from, in milliseconds since the Unix epoch; null leaves the column out. */
  readonly since: number | null;
  /** Columns of the screen. A row is no wider where that leaves its payload 16. */
  readonly columns: number;
}

/** The heading of the table. */
export function tableHeading(options: TableOptions): string {
  return row(
    COLUMNS.map(({ name }) => name),
    'payload',
    options,
  );
}

/** A finding as a row. */
export function tableRow(finding: Finding, options: TableOptions): string {
  const { ms, from } = finding;
  const time = ms === null || options.since === null ? '' : ((ms - options.since) / 1_000).toFixed(6);
  if (finding.type === 'fault') {
    const { code, offset, says } = finding;
    return `${padded([time, from], options)}  ${code} at byte ${offset}: ${oneLine(says)}`;
  }
  const { frame } = finding;
  const flags = [frame.fin ? 'fin' : '   ', frame.rsv1 ? 'rsv1' : ''].join(' ').trimEnd();
  return row([time, from, NAMES[frame.opcode] ?? '', flags, String(frame.bytes)], payloadText(frame), options);
}

function row(cells: readonly string[], payload: string, options: TableOptions): string {
  const before = padded(cells, options);
  const room = Math.max(options.columns - columnsOf(before) - 2, LEAST_PAYLOAD_COLUMNS);
  return `${before}  ${cutTo(payload, room)}`.trimEnd();
}

function padded(cells: readonly string[], { since }: TableOptions): string {
  const all = cells.map((cell, at) => padTo(cell, COLUMNS[at]?.width ?? 0, COLUMNS[at]?.side));
  return all.slice(since === null ? 1 : 0).join('  ');
}

/** Text as it is but safe, anything else as hex; the code and the reason of a close. */
function payloadText({ isText, opcode, payload, close }: CapturedFrame): string {
  if (close !== null) return close.code === 1005 ? '' : oneLine(`${close.code} ${close.reason}`).trimEnd();
  const bytes = payload.subarray(0, SHOWN_BYTES);
  const text = isText || opcode === Opcode.ping || opcode === Opcode.pong ? readable(bytes, isText) : null;
  return text ?? bytes.toString('hex').replace(/..(?!$)/g, '$& ');
}

/** A frame of a text may end within a character; a ping is shown as text only when it is nothing else. */
function readable(bytes: Buffer, isText: boolean): string | null {
  if (isText) return oneLine(bytes.toString('utf8'));
  const text = decodeUtf8(bytes, 0, bytes.length);
  return text === null || oneLine(text) !== text ? null : text;
}

/** The connection that a finding belongs to, for lines of JSON. Addresses are `host:port`. */
export interface Place {
  /** From 1 up, in the order of their first packets. */
  readonly connection: number;
  readonly client: string;
  readonly server: string;
}

/** A finding as a line of JSON, without the newline. */
export function jsonLine(finding: Finding, place: Place | null = null): string {
  const { ms, from } = finding;
  const about = place === null ? { from } : { time: ms === null ? null : timeText(ms), from, ...place };
  if (finding.type === 'fault') {
    const { code, offset, says } = finding;
    return JSON.stringify({ ...about, error: code, offset, says });
  }
  const { opcode, payload, close, isText, ...rest } = finding.frame;
  return JSON.stringify({ ...about, opcode: NAMES[opcode], ...rest, ...(close ?? content(payload, isText)) });
}

/** ISO 8601 with microseconds. */
function timeText(ms: number): string {
  const microseconds = Math.round(ms * 1_000);
  const seconds = new Date(Math.floor(microseconds / 1_000)).toISOString().slice(0, -1);
  return `${seconds}${String(microseconds % 1_000).padStart(3, '0')}Z`;
}

/** Text where it is whole, base64 for anything else. */
function content(payload: Buffer, isText: boolean): { text: string } | { base64: string } {
  const text = isText ? decodeUtf8(payload, 0, payload.length) : null;
  return text === null ? { base64: payload.toString('base64') } : { text };
}
