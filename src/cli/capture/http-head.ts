/**
 * HTTP/1.1 heads in captured bytes (RFC 9112 §2.1), read leniently: nothing is decided by them but where frames begin.
 *
 * Knows: how to tell a head from frames, where it ends, and a few of its fields.
 * Does not know: whether the handshake is legal.
 */

/** More than this is no head: Node's own parser stops at 16 KiB. */
const MAX_HEAD_BYTES = 64 * 1024;
const LONGEST_START = 16;

/** What begins at `at`: a request, a response, or neither. */
export function headLine(bytes: Buffer, at: number): 'request' | 'response' | null {
  const start = bytes.toString('latin1', at, at + LONGEST_START);
  if (start.startsWith('HTTP/1.')) return 'response';
  return /^[A-Z]{3,12} [/*a-zA-Z0-9[]/.test(start) ? 'request' : null;
}

/** The index after the head that begins at `at`, or -1. */
export function headEnd(bytes: Buffer, at: number): number {
  const end = bytes.subarray(at, at + MAX_HEAD_BYTES).indexOf('\r\n\r\n');
  return end < 0 ? -1 : at + end + 4;
}

/** The first line of a head. */
export function firstLine(head: Buffer): string {
  return head.toString('latin1', 0, head.indexOf('\r\n'));
}

/** All values of a field, joined as a list, or null when it is not there. */
export function fieldOf(head: Buffer, name: string): string | null {
  const values = head
    .toString('latin1')
    .split('\r\n')
    .map((line) => /^([^:\s]+):[ \t]*(.*?)[ \t]*$/.exec(line))
    .filter((field) => field?.[1]?.toLowerCase() === name)
    .map((field) => field?.[2] ?? '');
  return values.length === 0 ? null : values.join(', ');
}

/** Sec-WebSocket-Extensions, or null. */
export function extensionsOf(head: Buffer): string | null {
  return fieldOf(head, 'sec-websocket-extensions');
}

/** True for a head that asks for a WebSocket, or grants it. */
export function isUpgrade(head: Buffer): boolean {
  return /(?:^|,)\s*websocket\s*(?:,|$)/i.test(fieldOf(head, 'upgrade') ?? '');
}
