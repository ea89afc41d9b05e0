/** The request of RFC 6455 §1.2, and ways to spoil it. */

import type { RequestHead } from '../../src/handshake/head.js';

export type HeaderLine = readonly [name: string, value: string];

/** The key and the answer of RFC 6455 §1.3. */
export const KEY = 'dGhlIHNhbXBsZSBub25jZQ==';
export const ACCEPT = 's3pPLMBiTxaQ9kYGzzhZRbK+xOo=';

/** Every line that a request cannot do without. */
export const REQUIRED: readonly HeaderLine[] = [
  ['Host', 'server.example.com'],
  ['Upgrade', 'websocket'],
  ['Connection', 'Upgrade'],
  ['Sec-WebSocket-Key', KEY],
  ['Sec-WebSocket-Version', '13'],
];

/** The required lines with some replaced, by name; a null removes the line, a new name adds one. */
export function linesWith(changes: Readonly<Record<string, string | null>>): HeaderLine[] {
  const kept = REQUIRED.filter(([name]) => !Object.hasOwn(changes, name));
  const added = Object.entries(changes).flatMap(([name, value]) => (value === null ? [] : [[name, value] as const]));
  return [...kept, ...added];
}

export function headOf(lines: readonly HeaderLine[] = REQUIRED, start: Partial<RequestHead> = {}): RequestHead {
  return { method: 'GET', target: '/chat', httpVersion: '1.1', rawHeaders: lines.flat(), ...start };
}

/** The head with changed lines. */
export function headWith(changes: Readonly<Record<string, string | null>>): RequestHead {
  return headOf(linesWith(changes));
}

/** The bytes of a request, one a character (latin1). */
export function wireOf(lines: readonly HeaderLine[] = REQUIRED, start = 'GET /chat HTTP/1.1'): string {
  return `${start}\r\n${lines.map(([name, value]) => `${name}: ${value}\r\n`).join('')}\r\n`;
}
