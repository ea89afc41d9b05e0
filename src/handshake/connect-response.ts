/**
 * What a server answers to an extended CONNECT, as header fields (RFC 8441 §5, RFC 9113 §8.3.2).
 *
 * Knows: which fields an HTTP/2 response has, and which of an HTTP/1.1 response it must not have.
 * Does not know: when to send which (stream/connect-arrival.ts).
 */

import type { Acceptance, Field, RefusalResponse } from './response-head.js';
import { refusalParts, termFields } from './response-head.js';

/** Header fields as Node's HTTP/2 takes them; names in lower case. */
export type Http2Fields = Record<string, string | number | string[]>;

/** Fields about a connection: HTTP/2 has none of them, and calls a message that does malformed (RFC 9113 §8.2.2). */
const CONNECTION_FIELDS: ReadonlySet<string> = new Set([
  'connection',
  'keep-alive',
  'proxy-connection',
  'transfer-encoding',
  'upgrade',
]);

/**
 * The 200 that opens the WebSocket.
 * @throws UsageError for a field that is not the caller's to set, or that could break the head.
 */
export function acceptanceFields(terms: Omit<Acceptance, 'accept'>): Http2Fields {
  return { ':status': 200, ...listed(termFields(terms)) };
}

/**
 * A refusal and its body. Fields about the connection are left out: an answer that was made for HTTP/1.1 will do.
 * @throws UsageError for a status that refuses nothing, or for a field that is not the caller's to set.
 */
export function refusalFields(response: RefusalResponse): { readonly fields: Http2Fields; readonly content: Buffer } {
  const { status, fields, content } = refusalParts(response);
  return { fields: { ':status': status, ...listed(fields) }, content };
}

function listed(fields: readonly Field[]): Http2Fields {
  const lines = new Map<string, string[]>();
  for (const [name, value] of fields) {
    const lower = name.toLowerCase();
    if (!CONNECTION_FIELDS.has(lower)) lines.set(lower, [...(lines.get(lower) ?? []), value]);
  }
  return Object.fromEntries(
    Array.from(lines, ([name, values]) => [name, values.length === 1 ? values.join() : values]),
  );
}
