/**
 * Agreeing on permessage-deflate (RFC 7692 §5, §7.1), for both roles.
 *
 * Knows: what a server answers to a list of offers, what a client offers, which answers a client must refuse.
 * Does not know: headers, or other extensions; elements with another name are passed over.
 */
import { DEFAULT_WINDOW_BITS, type DeflateSettings } from './options.js';
import {
  DEFLATE_NAME,
  type DeflateParams,
  deflateExtension,
  type ExtensionElement,
  MAX_WINDOW_BITS,
  parseDeflateParams,
} from './params.js';

/**
 * The server's side: a function from offers to the answer, for `extensions` of the handshake. It accepts the first offer
 * that is legal and passes over the others; it answers with one element or none, and never throws.
 */
export function deflateNegotiator(
  settings: DeflateSettings,
): (offers: readonly ExtensionElement[]) => readonly [] | readonly [ExtensionElement] {
  return (offers) => {
    for (const offer of offers) {
      const params = offer.name === DEFLATE_NAME ? parseDeflateParams(offer, 'offer') : null;
      if (params !== null) return [deflateExtension(answerTo(params, settings))];
    }
    return [];
  };
}

/** What a client offers, for `extensions` of the handshake: one element. */
export function deflateOffer(settings: DeflateSettings): readonly [ExtensionElement] {
  const { serverNoContextTakeover, clientNoContextTakeover, serverMaxWindowBits, clientMaxWindowBits } = settings;
  return [
    deflateExtension({
      serverNoContextTakeover,
      clientNoContextTakeover,
      serverMaxWindowBits,
      clientMaxWindowBits: clientMaxWindowBits ?? 'any',
    }),
  ];
}

/**
 * The client's side, for `acceptExtensions` of the handshake: null when what `accepted` says of permessage-deflate fits
 * one of the `offered` elements, or says nothing of it; otherwise why not, as a part of a sentence. Quotes nothing.
 */
export function judgeDeflateAnswer(
  offered: readonly ExtensionElement[],
  accepted: readonly ExtensionElement[],
): string | null {
  const answers = accepted.filter(({ name }) => name === DEFLATE_NAME);
  const [answer] = answers;
  if (answer === undefined) return null;
  if (answers.length > 1) return `${DEFLATE_NAME} is accepted twice`;
  const params = parseDeflateParams(answer, 'answer');
  if (params === null) return `${DEFLATE_NAME} is accepted with parameters that it does not have`;
  const fits = offered.some((offer) => {
    const wish = offer.name === DEFLATE_NAME ? parseDeflateParams(offer, 'offer') : null;
    return wish !== null && mayAnswer(wish, params);
  });
  return fits ? null : `${DEFLATE_NAME} is accepted with parameters that were not offered`;
}

/** §7.1: the client's wishes are kept; what we wish for ourselves or may ask of the client is added. */
function answerTo(offer: DeflateParams, settings: DeflateSettings): DeflateParams {
  const { serverMaxWindowBits, clientMaxWindowBits } = offer;
  return {
    serverNoContextTakeover: offer.serverNoContextTakeover || settings.serverNoContextTakeover,
    clientNoContextTakeover: offer.clientNoContextTakeover || settings.clientNoContextTakeover,
    // Not offered: we may use a smaller window without a word, and some clients refuse words they did not say first.
    serverMaxWindowBits:
      serverMaxWindowBits === null ? null : Math.min(serverMaxWindowBits, ownWindowBits(settings.serverMaxWindowBits)),
    // §7.1.2.2: a client that did not mention it must not be asked.
    clientMaxWindowBits:
      clientMaxWindowBits === null
        ? null
        : Math.min(
            clientMaxWindowBits === 'any' ? MAX_WINDOW_BITS : clientMaxWindowBits,
            ownWindowBits(settings.clientMaxWindowBits),
          ),
  };
}

function ownWindowBits(chosen: number | null): number {
  return chosen ?? DEFAULT_WINDOW_BITS;
}

/** True when a server may answer `offer` with `answer` (§7.1.1, §7.1.2). */
function mayAnswer(offer: DeflateParams, answer: DeflateParams): boolean {
  if (offer.serverNoContextTakeover && !answer.serverNoContextTakeover) return false;
  if (offer.serverMaxWindowBits !== null) {
    if (answer.serverMaxWindowBits === null || answer.serverMaxWindowBits > offer.serverMaxWindowBits) return false;
  }
  // A value in the offer is a hint, and the answer may name a larger window (§7.2.2); we keep to the smaller of the two.
  return answer.clientMaxWindowBits === null || offer.clientMaxWindowBits !== null;
}
