/**
 * Arbitraries of Sec-WebSocket-Extensions (RFC 6455 §9.1, RFC 7692 §7.1).
 *
 * Knows: offers of permessage-deflate, legal and not, and offers of extensions that nobody has heard of.
 * Does not know: who accepts what.
 */
import fc, { type Arbitrary } from 'fast-check';
import type { Extension, ExtensionParameter } from '../handshake/extensions.js';
import { tokens } from './field-lines.js';

const FLAGS = ['server_no_context_takeover', 'client_no_context_takeover'] as const;
const WINDOWS = ['server_max_window_bits', 'client_max_window_bits'] as const;

/** Values that a window must not have: out of range, not in decimal, not in canonical form. */
const BAD_BITS = ['7', '16', '99', '010', '0x9', '1e1', '-8', '8.0', '9'.repeat(30)] as const;

/** What may be offered: any token with any parameters, or legal permessage-deflate. */
export function extensionOffers(): Arbitrary<Extension> {
  const value = fc.option(tokens(), { nil: null });
  const parameter = fc.tuple(tokens(), value).map(([name, one]) => ({ name, value: one }));
  const unknown = fc
    .tuple(tokens(), fc.array(parameter, { maxLength: 3 }))
    .map(([name, parameters]) => ({ name: `x-${name}`, parameters }));
  return fc.oneof(deflateOffers(), unknown);
}

/** Legal offers of permessage-deflate: any of the four parameters, in any order. */
export function deflateOffers(): Arbitrary<Extension> {
  const flags = FLAGS.map((name) => fc.constant<ExtensionParameter>({ name, value: null }));
  const bits = fc.integer({ min: 8, max: 15 }).map(String);
  const server = bits.map((value): ExtensionParameter => ({ name: WINDOWS[0], value }));
  const client = fc.option(bits, { nil: null }).map((value): ExtensionParameter => ({ name: WINDOWS[1], value }));
  return fc
    .tuple(...flags, server, client)
    .chain((all) => fc.shuffledSubarray(all))
    .map((parameters) => ({ name: 'permessage-deflate', parameters }));
}

/** Offers of permessage-deflate that a server must decline: bad window sizes, values on flags, repeated and unknown names. */
export function brokenDeflateOffers(): Arbitrary<Extension> {
  const badBits = fc.record({ name: fc.constantFrom(...WINDOWS), value: fc.constantFrom(...BAD_BITS) });
  const badFlag = fc.record({ name: fc.constantFrom(...FLAGS), value: fc.constantFrom('1', 'true', '10') });
  const unknown = tokens().map((name) => ({ name: `x-${name}`, value: null }));
  const alone = fc.oneof(badBits, badFlag, unknown).map((parameter) => [parameter]);
  const noBits = fc.constant([{ name: WINDOWS[0], value: null }]);
  const twice = fc.constantFrom(...FLAGS).map((name) => [name, name].map((one) => ({ name: one, value: null })));
  return fc
    .tuple(deflateOffers(), fc.oneof(alone, noBits, twice))
    .map(([{ name, parameters }, bad]) => ({ name, parameters: withBad(parameters, bad) }));
}

function withBad(legal: readonly ExtensionParameter[], bad: readonly ExtensionParameter[]): ExtensionParameter[] {
  return [...legal.filter(({ name }) => bad.every((one) => one.name !== name)), ...bad];
}
