/**
 * Where a redirect leads, and what may go with it (RFC 9110 §15.4).
 *
 * Knows: which statuses redirect, which destinations are refused, which fields stay behind when the origin changes.
 * Does not know: how many redirects are too many, or how a request is sent.
 */

import type { HeaderField } from './client-options.js';
import { parseTarget, sameOrigin, type Target } from './client-url.js';

const STATUSES: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);

/** Fields that were meant for the first origin: credentials, and the virtual host. */
const ORIGIN_FIELDS: ReadonlySet<string> = new Set(['authorization', 'cookie', 'host', 'proxy-authorization']);

/** The judgement; `why` is a part of a sentence. */
export type Redirect =
  | { readonly followed: true; readonly target: Target; readonly sameOrigin: boolean }
  | { readonly followed: false; readonly why: string };

/** Whether `status` asks for the same request elsewhere. All five keep the method, as ours is GET. */
export function isRedirect(status: number): boolean {
  return STATUSES.has(status);
}

/**
 * Resolves `location` (the values of the Location field) against `from`. Refused: no or several locations, a scheme
 * other than ws, wss, http and https, a way from wss back to ws, and any redirect over a Unix socket. A fragment and user
 * information in the location are dropped: the redirecting server does not choose our credentials.
 */
export function judgeRedirect(from: Target, location: readonly string[]): Redirect {
  const [value] = location;
  if (value === undefined || location.length > 1) return refused('it has no single Location');
  if (from.socketPath !== null) return refused('it leads away from a Unix socket');
  const target = resolved(from, value);
  if (target === null) return refused('its Location is not the URL of a WebSocket');
  if (from.secure && !target.secure) return refused('it leads from wss to ws');
  return { followed: true, target, sameOrigin: sameOrigin(from, target) };
}

/** `fields` without those that must not reach another origin: Authorization, Cookie, Proxy-Authorization, Host. */
export function crossOriginFields(fields: readonly HeaderField[]): HeaderField[] {
  return fields.filter(([name]) => !ORIGIN_FIELDS.has(name.toLowerCase()));
}

function refused(why: string): Redirect {
  return { followed: false, why };
}

function resolved(from: Target, location: string): Target | null {
  if (!URL.canParse(location, from.href)) return null;
  const url = new URL(location, from.href);
  url.hash = '';
  url.username = '';
  url.password = '';
  if (url.protocol.endsWith('+unix:')) return null;
  try {
    return parseTarget(url);
  } catch {
    // A UsageError, but it was not the caller who named this target.
    return null;
  }
}
