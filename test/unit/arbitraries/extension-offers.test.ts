import fc from 'fast-check';
import { brokenDeflateOffers, deflateOffers, extensionOffers } from '../../../src/arbitraries/extension-offers.js';
import { parseDeflateParams } from '../../../src/deflate/params.js';
import { formatExtensions, parseExtensions } from '../../../src/handshake/extensions.js';

test('an offer survives the wire', () => {
  const law = fc.property(fc.array(extensionOffers(), { minLength: 1, maxLength: 3 }), (offers) => {
    expect(parseExtensions(formatExtensions(offers))).toEqual(offers);
  });
  fc.assert(law);
});

test('legal permessage-deflate is understood', () => {
  fc.assert(fc.property(deflateOffers(), (offer) => parseDeflateParams(offer, 'offer') !== null));
});

test('illegal permessage-deflate is declined', () => {
  fc.assert(
    fc.property(brokenDeflateOffers(), (offer) => parseDeflateParams(offer, 'offer') === null),
    { numRuns: 300 },
  );
});
