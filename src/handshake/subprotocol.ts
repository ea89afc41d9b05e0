/**
 * The choice of a subprotocol (RFC 6455 §1.9, §4.2.2).
 *
 * Knows: what was offered, what we speak, and that only an offered name may be chosen.
 * Does not know: any subprotocol.
 */

import { UsageError } from '../errors.js';
import { isToken, parseTokenList } from './field-list.js';
import type { RequestHead } from './head.js';

/**
 * - a list: what we speak, the best first. The first one that was offered is chosen; when none was, none is.
 * - a function: called with what was offered, in the client's order, when anything was; answers one of these names,
 *   or null (or undefined) for none, synchronously.
 *
 * Names are compared exactly: they are case-sensitive.
 */
export type SubprotocolOption =
  | readonly string[]
  | ((offered: readonly string[], request: RequestHead) => string | null | undefined);

export type SubprotocolChooser = (offered: readonly string[], request: RequestHead) => string | null;

/**
 * The names in all Sec-WebSocket-Protocol fields of a request, in order; empty when there is no field.
 * Null when a field is malformed or empty, or when a name comes twice (RFC 6455 §4.1: they are unique).
 */
export function parseSubprotocols(values: readonly string[]): readonly string[] | null {
  if (values.length === 0) return values;
  const names: string[] = [];
  for (const value of values) {
    const list = parseTokenList(value);
    if (list === null || list.length === 0) return null;
    names.push(...list);
  }
  return new Set(names).size === names.length ? names : null;
}

/**
 * The chooser that `option` stands for; by default nothing is chosen.
 * @throws UsageError when the option is none of the above, or lists a name twice or one that is not a token.
 * The chooser itself throws UsageError when the caller's function answers a name that was not offered.
 */
export function parseSubprotocolChooser(option: SubprotocolOption = []): SubprotocolChooser {
  if (typeof option === 'function') return (offered, request) => ask(option, offered, request);
  if (!Array.isArray(option)) throw new UsageError('subprotocols must be a list of names or a function.');
  const spoken: readonly string[] = Object.freeze(option.map(requireName));
  if (new Set(spoken).size !== spoken.length) throw new UsageError('subprotocols must not list a name twice.');
  return (offered) => spoken.find((name) => offered.includes(name)) ?? null;
}

function ask(
  choose: (offered: readonly string[], request: RequestHead) => string | null | undefined,
  offered: readonly string[],
  request: RequestHead,
): string | null {
  if (offered.length === 0) return null;
  const chosen = choose(offered, request) ?? null;
  if (chosen !== null && !offered.includes(chosen)) {
    throw new UsageError('subprotocols must answer a name that was offered, or null.');
  }
  return chosen;
}

function requireName(name: unknown): string {
  if (typeof name !== 'string' || !isToken(name)) {
    throw new UsageError('Each of subprotocols must be a token: letters, digits, no spaces.');
  }
  return name;
}
