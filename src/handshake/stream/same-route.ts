/**
 * Whether two connections would be the same one.
 *
 * Knows: which options decide where a connection leads and who is at its ends.
 * Does not know: connections.
 */

import { isDeepStrictEqual } from 'node:util';
import { sameOrigin, type Target } from '../client-url.js';
import type { TransportOptions } from './http-request.js';

/** Where a connection leads, and how. */
export interface Route {
  readonly target: Target;
  readonly transport: TransportOptions;
}

/** Options that decide, besides those of TLS. */
const DECISIVE = ['socketPath', 'family', 'lookup', 'localAddress'] as const;

/**
 * True when whoever asked for `a` may be given a connection that was made for `b`: the same origin, and the same options,
 * above all those that say who we are and whom we trust. When in doubt it is false: certificates in plain form are compared
 * by their bytes, objects and functions only with themselves.
 */
export function sameRoute(a: Route, b: Route): boolean {
  if (!sameOrigin(a.target, b.target)) return false;
  if (DECISIVE.some((name) => a.transport[name] !== b.transport[name])) return false;
  return sameValues(a.transport.tls ?? {}, b.transport.tls ?? {});
}

function sameValues(a: object, b: object): boolean {
  const names = new Set([...Object.keys(a), ...Object.keys(b)]);
  return [...names].every((name) => sameValue(Reflect.get(a, name), Reflect.get(b, name)));
}

function sameValue(a: unknown, b: unknown): boolean {
  return a === b || (isPlain(a) && isPlain(b) && isDeepStrictEqual(a, b));
}

function isPlain(value: unknown): boolean {
  if (Array.isArray(value)) return value.every(isPlain);
  return value === null || typeof value !== 'object' ? typeof value !== 'function' : value instanceof Uint8Array;
}
