/**
 * The Sec-WebSocket-Extensions field (RFC 6455 §9.1).
 *
 * Knows: its grammar, both ways.
 * Does not know: any extension, or whether an offer is acceptable. A name is only ever a string in a list, never a
 * property of an object, so `__proto__` is a name like any other.
 */

import { UsageError } from '../errors.js';
import type { FieldScanner } from './field-list.js';
import { isToken, parseList } from './field-list.js';

/** A parameter of an extension, as it stood on the wire. */
export interface ExtensionParameter {
  /** A token (RFC 6455 §9.1). */
  readonly name: string;
  /** Null for a parameter without a value, such as `server_no_context_takeover`. */
  readonly value: string | null;
}

/** One element of Sec-WebSocket-Extensions: an offer in a request, an agreement in a response. */
export interface Extension {
  /** A token: `permessage-deflate`, for example. */
  readonly name: string;
  /** In the order of the wire, duplicates kept: only the extension itself knows whether they are legal. */
  readonly parameters: readonly ExtensionParameter[];
}

/** The extensions that a field lists, in order and with duplicates; null when it is malformed. Linear time. */
export function parseExtensions(value: string): Extension[] | null {
  return parseList(value, readExtension);
}

/**
 * The field that lists `extensions`: `permessage-deflate; client_max_window_bits=12`.
 * @throws UsageError when a name or a value is not a token.
 */
export function formatExtensions(extensions: readonly Extension[]): string {
  return extensions.map(formatExtension).join(', ');
}

function readExtension(scanner: FieldScanner): Extension | null {
  const name = scanner.token();
  if (name === null) return null;
  const parameters: ExtensionParameter[] = [];
  while (scanner.take(';')) {
    const parameter = readParameter(scanner);
    if (parameter === null) return null;
    parameters.push(parameter);
  }
  return { name, parameters };
}

function readParameter(scanner: FieldScanner): ExtensionParameter | null {
  const name = scanner.token();
  if (name === null) return null;
  if (!scanner.take('=')) return { name, value: null };
  const value = scanner.tokenOrQuoted();
  return value === null ? null : { name, value };
}

function formatExtension({ name, parameters }: Extension): string {
  return [requireToken(name), ...parameters.map(formatParameter)].join('; ');
}

function formatParameter({ name, value }: ExtensionParameter): string {
  return value === null ? requireToken(name) : `${requireToken(name)}=${requireToken(value)}`;
}

function requireToken(text: string): string {
  if (!isToken(text)) throw new UsageError('Extension names, parameter names and values must be tokens.');
  return text;
}
