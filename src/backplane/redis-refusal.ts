/**
 * What Redis says no to.
 *
 * Knows: which errors of a client are answers that will be the same next time, also inside that to a transaction.
 * Does not know: commands.
 */
import { BackplaneError } from './backplane-error.js';

/** A wrong type of key, a missing right, a wrong password. Not that it is loading, full or a replica: that may change. */
const FOR_GOOD = /^(WRONGTYPE|NOPERM|ERR|NOAUTH|WRONGPASS|EXECABORT)\b/;

/** The refusal that `cause` is, or that one of its replies is; null when to ask again may help. */
export function refusalIn(cause: unknown): BackplaneError | null {
  const { replies = [] } = cause as { readonly replies?: readonly unknown[] };
  const refused = [cause, ...replies].find((one) => one instanceof Error && FOR_GOOD.test(one.message));
  return refused === undefined ? null : new BackplaneError('REFUSED', (refused as Error).message, { cause });
}
