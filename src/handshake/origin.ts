/**
 * Which web pages may connect (RFC 6455 §4.2.2 and §10.2, RFC 6454).
 *
 * Knows: how to compare an Origin with the Host, with a list, or by asking the caller.
 * Does not know: what is done with a page that may not.
 *
 * Only browsers send Origin, and no page can forge it: that is what stops a foreign site from using its visitor's
 * cookies. Anything else can send what it likes, so a request without Origin is not a browser's and is let through.
 */

import { UsageError } from '../errors.js';
import type { RequestHead } from './head.js';

/**
 * - `'same'`: host and port of Origin are those of Host. Schemes default to their own port (80, 443) on both sides, and
 *   are not compared unless we know that the connection is TLS: behind a proxy that terminates TLS the server sees
 *   plain HTTP, and `https://example.com` must still match `Host: example.com`.
 * - `'*'`: any page.
 * - a list: exactly these origins (`https://example.com`, default ports optional, case ignored), or `null`.
 * - a function: called with Origin as it was sent, only when it was sent; must answer true or false, synchronously.
 */
export type OriginOption = 'same' | '*' | readonly string[] | ((origin: string, request: RequestHead) => boolean);

/** Whether a page of this origin may connect to this host. */
export type OriginRule = (origin: string, host: Authority, request: RequestHead) => boolean;

/** The host, in lower case, and the port, null when it is left to the scheme. */
export interface Authority {
  readonly host: string;
  readonly port: number | null;
}

interface Origin extends Authority {
  readonly scheme: string;
}

const DEFAULT_PORTS: ReadonlyMap<string, number> = new Map([
  ['http', 80],
  ['https', 443],
]);

const AUTHORITY = /^(\[[0-9a-f:.]+\]|[0-9a-z._~%-]+)(?::(\d{0,5}))?$/i;
const ORIGIN = /^([a-z][a-z0-9+.-]*):\/\/(.+)$/i;

/** The host and port of a Host field; null when it is empty or malformed (RFC 9110 §7.2). */
export function parseAuthority(text: string): Authority | null {
  const [matched, host = '', digits = ''] = AUTHORITY.exec(text) ?? [];
  const port = digits === '' ? null : Number(digits);
  if (matched === undefined || (port !== null && port > 65_535)) return null;
  return { host: host.toLowerCase(), port };
}

/**
 * The rule that `option` stands for. `secure: true` says that the connection is known to be TLS: then an `http:` page
 * is never of the same origin.
 * @throws UsageError when the option is none of the above.
 */
export function parseOriginRule(option: OriginOption = 'same', secure = false): OriginRule {
  if (option === '*') return () => true;
  if (option === 'same') return (origin, host) => isSameOrigin(parseOrigin(origin), host, secure);
  if (typeof option === 'function') return (origin, _host, request) => ask(option, origin, request);
  if (!Array.isArray(option)) {
    throw new UsageError("origins must be 'same', '*', a list of origins or a function.");
  }
  const allowed = new Set(option.map(parseListed));
  return (origin) => allowed.has(normalise(origin) ?? '');
}

function isSameOrigin(origin: Origin | null, host: Authority, secure: boolean): boolean {
  const defaultPort = DEFAULT_PORTS.get(origin?.scheme ?? '');
  if (origin === null || defaultPort === undefined) return false;
  if (secure && origin.scheme !== 'https') return false;
  return origin.host === host.host && (origin.port ?? defaultPort) === (host.port ?? defaultPort);
}

function ask(rule: (origin: string, request: RequestHead) => boolean, origin: string, request: RequestHead): boolean {
  const answer: unknown = rule(origin, request);
  // A promise is truthy: an async rule would let everybody in.
  if (typeof answer !== 'boolean') throw new UsageError('origins must answer true or false, at once.');
  return answer;
}

function parseListed(entry: unknown): string {
  const origin = typeof entry === 'string' ? normalise(entry) : null;
  if (origin === null) {
    throw new UsageError(
      "Each of origins must be an origin, such as 'https://example.com', without a path, or 'null'.",
    );
  }
  return origin;
}

/** One spelling for each origin; null when it is not one. */
function normalise(text: string): string | null {
  if (text === 'null') return text;
  const origin = parseOrigin(text);
  if (origin === null) return null;
  const port = origin.port ?? DEFAULT_PORTS.get(origin.scheme) ?? '';
  return `${origin.scheme}://${origin.host}:${port}`;
}

function parseOrigin(text: string): Origin | null {
  const [, scheme = '', rest = ''] = ORIGIN.exec(text) ?? [];
  const authority = parseAuthority(rest);
  return authority && { scheme: scheme.toLowerCase(), ...authority };
}
