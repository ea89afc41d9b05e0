/**
 * Bytes as hex, for reading and for typing.
 *
 * Knows: the layout of a dump, and what people type for bytes.
 * Does not know: where the bytes come from.
 */
import { Buffer } from 'node:buffer';
import { UsageError } from '../errors.js';

/** Columns of a dump with 16 bytes a row: offset, two spaces, the bytes, a gap, the characters between bars. */
const COLUMNS_OF_16 = 78;

/** How a dump is laid out. */
export interface DumpOptions {
  /** Columns of the terminal; fewer than 78 halve the row. Default 80. */
  readonly columns?: number | undefined;
  /** Bytes to show; a last line says how many more there are. Default all. */
  readonly maxBytes?: number | undefined;
}

/** A dump as `hexdump -C` prints it: offset, bytes, characters. No newline at the end; empty for no bytes. */
export function hexDump(bytes: Buffer, { columns = 80, maxBytes = Infinity }: DumpOptions = {}): string {
  const size = columns >= COLUMNS_OF_16 ? 16 : 8;
  const shown = bytes.subarray(0, maxBytes);
  const rows: string[] = [];
  for (let at = 0; at < shown.length; at += size) rows.push(row(shown.subarray(at, at + size), at, size));
  if (shown.length < bytes.length) rows.push(`… ${bytes.length - shown.length} bytes more`);
  return rows.join('\n');
}

function row(bytes: Buffer, offset: number, size: number): string {
  const halves = [bytes.subarray(0, 8), bytes.subarray(8)].map((half) =>
    half.toString('hex').replace(/..(?!$)/g, '$& '),
  );
  const hex = halves.join('  ').trimEnd();
  const characters = bytes.toString('latin1').replace(/[^\x20-\x7e]/g, '.');
  return `${offset.toString(16).padStart(8, '0')}  ${hex.padEnd(size === 16 ? 48 : 23)}  |${characters}|`;
}

/** The bytes of `ff 00 0xff`, `ff:00` or `ff00`. Throws a UsageError for anything else. */
export function parseHex(text: string): Buffer {
  const digits = text.replace(/\b0x/gi, '').replace(/[\s:,_-]/g, '');
  if (!/^(?:[0-9a-f]{2})*$/i.test(digits)) throw new UsageError('Bytes are pairs of hex digits, such as "ff 00 7f".');
  return Buffer.from(digits, 'hex');
}
