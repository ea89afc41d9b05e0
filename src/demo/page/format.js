/**
 * Bytes and numbers as people read them.
 *
 * Knows: hex, sizes, clock times, the names of opcodes. Pure.
 * Does not know: the document.
 */

export const OPCODES = new Map([
  [0x0, 'continuation'],
  [0x1, 'text'],
  [0x2, 'binary'],
  [0x8, 'close'],
  [0x9, 'ping'],
  [0xa, 'pong'],
]);

export function opcodeName(opcode) {
  return OPCODES.get(opcode) ?? 'reserved';
}

export function bytesOfHex(hex) {
  return Uint8Array.from(hex.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
}

export function hexOf(byte) {
  return byte.toString(16).padStart(2, '0');
}

export function bitsOf(byte) {
  return byte.toString(2).padStart(8, '0');
}

const digits = new Intl.NumberFormat('en-US');

export function grouped(number) {
  return digits.format(number);
}

/** 0 B, 812 B, 64.0 KiB, 4.00 MiB */
export function sizeText(bytes) {
  if (bytes < 1024) return `${bytes} B`;
  if (bytes < 1024 * 1024) return `${(bytes / 1024).toFixed(1)} KiB`;
  return `${(bytes / 1024 / 1024).toFixed(2)} MiB`;
}

export function countOf(number, noun) {
  return `${grouped(number)} ${noun}${number === 1 ? '' : 's'}`;
}

/** 14:03:22.518 in local time, from milliseconds since the epoch. */
export function clockText(ms) {
  const date = new Date(ms);
  const part = (value, width = 2) => String(value).padStart(width, '0');
  const seconds = `${part(date.getHours())}:${part(date.getMinutes())}:${part(date.getSeconds())}`;
  return `${seconds}.${part(date.getMilliseconds(), 3)}`;
}

/** One byte as a character that takes one cell; a dot where there is nothing to see. */
export function charOf(byte) {
  return byte > 0x20 && byte < 0x7f ? String.fromCharCode(byte) : byte === 0x20 ? '\u2423' : '\u00b7';
}

export function textOf(bytes) {
  return new TextDecoder().decode(bytes);
}

export function utf8Length(text) {
  return new TextEncoder().encode(text).length;
}

/** What the binary button sends: hex pairs if the field holds only those, otherwise the text's UTF-8. */
export function binaryOf(field) {
  const pairs = field.trim();
  if (/^[0-9a-f]{2}(\s+[0-9a-f]{2})+$/i.test(pairs)) return bytesOfHex(pairs.replace(/\s+/g, ''));
  return new TextEncoder().encode(field);
}
