/**
 * The four parameters of permessage-deflate (RFC 7692 §7.1), both ways between the wire and a value.
 *
 * Knows: which names, values and repetitions are legal, in an offer and in an answer.
 * Does not know: what anybody wants (options.ts), or what follows from two sides' wishes (negotiate.ts).
 */

/** A parameter as it stood on the wire; `value` is null when there is none. The handshake's ExtensionParameter is one. */
export interface ElementParameter {
  /** `server_max_window_bits`, for example. */
  readonly name: string;
  /** Without its quotes; null for a parameter without a value. */
  readonly value: string | null;
}

/** One element of Sec-WebSocket-Extensions. The handshake's Extension is one. */
export interface ExtensionElement {
  /** `permessage-deflate`, or of another extension. */
  readonly name: string;
  /** In the order of the wire, duplicates kept. */
  readonly parameters: readonly ElementParameter[];
}

export const DEFLATE_NAME = 'permessage-deflate';

/** The smallest and the largest LZ77 window that can be agreed on: 256 bytes and 32 KiB, as powers of two (§7.1.2). */
export const MIN_WINDOW_BITS = 8;
export const MAX_WINDOW_BITS = 15;

/** What one extension element says. Null: the parameter is absent. */
export interface DeflateParams {
  readonly serverNoContextTakeover: boolean;
  readonly clientNoContextTakeover: boolean;
  readonly serverMaxWindowBits: number | null;
  /** `'any'`: the parameter without a value, by which an offer says that the client understands it (§7.1.2.2). */
  readonly clientMaxWindowBits: number | 'any' | null;
}

/** Which side of the negotiation an element stands on: only an offer may leave client_max_window_bits without a value. */
export type ParamsPlace = 'offer' | 'answer';

type Field = keyof DeflateParams;

const FIELDS: ReadonlyMap<string, Field> = new Map<string, Field>([
  ['server_no_context_takeover', 'serverNoContextTakeover'],
  ['client_no_context_takeover', 'clientNoContextTakeover'],
  ['server_max_window_bits', 'serverMaxWindowBits'],
  ['client_max_window_bits', 'clientMaxWindowBits'],
]);

/** 8 to 15 as RFC 7692 §7.1.2 writes them: decimal, no leading zero, nothing else. */
const WINDOW_BITS = /^(?:[89]|1[0-5])$/;

/** What the parameters of `extension` mean; null when any is unknown, repeated or has a value that it must not have. */
export function parseDeflateParams({ parameters }: ExtensionElement, place: ParamsPlace): DeflateParams | null {
  const found = new Map<Field, boolean | number | 'any'>();
  for (const parameter of parameters) {
    const field = FIELDS.get(parameter.name);
    if (field === undefined || found.has(field)) return null;
    const value = meaningOf(field, parameter, place);
    if (value === null) return null;
    found.set(field, value);
  }
  return Object.freeze({
    serverNoContextTakeover: found.has('serverNoContextTakeover'),
    clientNoContextTakeover: found.has('clientNoContextTakeover'),
    serverMaxWindowBits: (found.get('serverMaxWindowBits') as number | undefined) ?? null,
    clientMaxWindowBits: (found.get('clientMaxWindowBits') as number | 'any' | undefined) ?? null,
  });
}

/** The element that says `params`. */
export function deflateExtension(params: DeflateParams): ExtensionElement {
  const parameters: ElementParameter[] = [];
  for (const [name, field] of FIELDS) {
    const value = params[field];
    if (value === null || value === false) continue;
    parameters.push({ name, value: typeof value === 'number' ? String(value) : null });
  }
  return { name: DEFLATE_NAME, parameters };
}

function meaningOf(field: Field, { value }: ElementParameter, place: ParamsPlace): true | number | 'any' | null {
  if (field === 'serverNoContextTakeover' || field === 'clientNoContextTakeover') return value === null ? true : null;
  if (value === null) return field === 'clientMaxWindowBits' && place === 'offer' ? 'any' : null;
  return WINDOW_BITS.test(value) ? Number(value) : null;
}
