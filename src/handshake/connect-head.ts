/**
 * The head of an HTTP/2 request, as everything that knows HTTP/1.1 wants to see it (RFC 9113 §8.3, RFC 8441 §4).
 *
 * Knows: pseudo-header fields, and what becomes of them: :path is the target, :authority is Host.
 * Does not know: what a WebSocket asks for (judge-connect.ts), streams.
 */

import type { RequestHead } from './head.js';
import { fieldValues, headBytes, MAX_HEAD_BYTES } from './head.js';

/** A request head with what HTTP/1.1 has no place for. A pseudo-header field that is absent is null. */
export interface ConnectHead extends RequestHead {
  /** `:protocol` (RFC 8441 §4): what the stream becomes. */
  readonly protocol: string | null;
  /** `:scheme`: `https` for a wss URL, `http` for a ws one (RFC 8441 §5). */
  readonly scheme: string | null;
  /** It is larger than `MAX_HEAD_BYTES`; then it has no header fields but these. */
  readonly isTooLarge: boolean;
}

/**
 * Reads `raw`: name, value, name, value, as they came. `:authority` becomes the Host field, unless there is a Host that
 * says the same; one that says something else stays, so that there are two. The parts of a cookie that HTTP/2 may cut up
 * are joined (RFC 9113 §8.2.3). Nothing here is judged, but of a head that is too large only what is needed to refuse it is kept.
 */
export function connectHead(raw: readonly string[]): ConnectHead {
  const pseudo = (name: string) => fieldValues(raw, name)[0] ?? null;
  const isTooLarge = headBytes(raw) > MAX_HEAD_BYTES;
  return {
    method: pseudo(':method') ?? '',
    target: pseudo(':path') ?? '',
    httpVersion: '2.0',
    rawHeaders: isTooLarge ? [] : plainFields(raw, pseudo(':authority')),
    protocol: pseudo(':protocol'),
    scheme: pseudo(':scheme'),
    isTooLarge,
  };
}

function plainFields(raw: readonly string[], authority: string | null): string[] {
  const fields = authority === null ? [] : ['host', authority];
  const cookie = fieldValues(raw, 'cookie').join('; ');
  if (cookie !== '') fields.push('cookie', cookie);
  for (let at = 0; at < raw.length; at += 2) {
    const [name, value] = raw.slice(at, at + 2) as [string, string];
    const isSaid = name === 'cookie' || (name === 'host' && value.toLowerCase() === authority?.toLowerCase());
    if (!name.startsWith(':') && !isSaid) fields.push(name, value);
  }
  return fields;
}

/** The fields of Node's headers object, as `connectHead` takes them, for callers that have nothing else. */
export function flatFields(
  headers: Readonly<Record<string, string | number | readonly string[] | undefined>>,
): string[] {
  return Object.entries(headers).flatMap(([name, value]) => {
    if (value === undefined) return [];
    const values: readonly (string | number)[] = Array.isArray(value) ? value : [value];
    return values.flatMap((one) => [name, String(one)]);
  });
}
