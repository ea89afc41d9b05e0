import fc from 'fast-check';
import { deflateNegotiator, deflateOffer, judgeDeflateAnswer } from '../../../src/deflate/negotiate.js';
import { type DeflateOptions, type DeflateSettings, deflateSettings } from '../../../src/deflate/options.js';
import { type Extension, formatExtensions, parseExtensions } from '../../../src/handshake/extensions.js';

const settings = (options: DeflateOptions = {}) => deflateSettings(options) as DeflateSettings;
const list = (text: string): Extension[] => parseExtensions(text) ?? [];
const answer = (offers: string, options?: DeflateOptions) =>
  formatExtensions(deflateNegotiator(settings(options))(list(offers)));

describe('a server answers', () => {
  test.each<[string, string, DeflateOptions]>([
    ['permessage-deflate', 'permessage-deflate', {}],
    ['permessage-deflate; client_max_window_bits', 'permessage-deflate; client_max_window_bits=13', {}],
    ['permessage-deflate; client_max_window_bits=10', 'permessage-deflate; client_max_window_bits=10', {}],
    ['permessage-deflate; server_max_window_bits=15', 'permessage-deflate; server_max_window_bits=13', {}],
    ['permessage-deflate; server_max_window_bits=8', 'permessage-deflate; server_max_window_bits=8', {}],
    ['permessage-deflate; server_no_context_takeover', 'permessage-deflate; server_no_context_takeover', {}],
    ['permessage-deflate; client_no_context_takeover', 'permessage-deflate; client_no_context_takeover', {}],
    ['x-other, permessage-deflate', 'permessage-deflate', {}],
    ['permessage-deflate', 'permessage-deflate; server_no_context_takeover', { serverNoContextTakeover: true }],
    ['permessage-deflate', 'permessage-deflate; client_no_context_takeover', { clientNoContextTakeover: true }],
    ['permessage-deflate', 'permessage-deflate', { clientMaxWindowBits: 9, serverMaxWindowBits: 9 }],
    [
      'permessage-deflate; client_max_window_bits=12; server_max_window_bits=12',
      'permessage-deflate; server_max_window_bits=11; client_max_window_bits=12',
      { clientMaxWindowBits: 15, serverMaxWindowBits: 11 },
    ],
  ])('%s: %s', (offers, expected, options) => {
    expect(answer(offers, options)).toBe(expected);
  });

  test.each([
    'server_max_window_bits=7',
    'server_max_window_bits=010',
    'client_max_window_bits=0x9',
    'client_max_window_bits=1e1',
    'mystery=1',
    'server_no_context_takeover=1',
    'server_no_context_takeover; server_no_context_takeover',
  ])('declines %s and takes the next offer', (bad) => {
    expect(answer(`permessage-deflate; ${bad}, permessage-deflate; client_no_context_takeover`)).toBe(
      'permessage-deflate; client_no_context_takeover',
    );
    expect(answer(`permessage-deflate; ${bad}`)).toBe('');
  });

  test('nothing to what it does not know', () => {
    expect(answer('permessage-bzip2, x-webkit-deflate-frame, __proto__')).toBe('');
  });
});

describe('a client offers', () => {
  test.each<[DeflateOptions, string]>([
    [{}, 'permessage-deflate; client_max_window_bits'],
    [{ clientMaxWindowBits: 10 }, 'permessage-deflate; client_max_window_bits=10'],
    [{ serverMaxWindowBits: 9 }, 'permessage-deflate; server_max_window_bits=9; client_max_window_bits'],
    [
      { serverNoContextTakeover: true, clientNoContextTakeover: true },
      'permessage-deflate; server_no_context_takeover; client_no_context_takeover; client_max_window_bits',
    ],
  ])('%p', (options, expected) => {
    expect(formatExtensions(deflateOffer(settings(options)))).toBe(expected);
  });
});

describe('a client judges the answer', () => {
  const judge = (offered: string, accepted: string) => judgeDeflateAnswer(list(offered), list(accepted));

  test.each([
    ['permessage-deflate', ''],
    ['permessage-deflate', 'x-other; mystery'],
    ['permessage-deflate', 'permessage-deflate'],
    ['x-other, permessage-deflate', 'permessage-deflate'],
    ['permessage-deflate', 'permessage-deflate; server_no_context_takeover; client_no_context_takeover'],
    ['permessage-deflate', 'permessage-deflate; server_max_window_bits=8'],
    ['permessage-deflate; client_max_window_bits', 'permessage-deflate; client_max_window_bits=8'],
    ['permessage-deflate; client_max_window_bits=10', 'permessage-deflate; client_max_window_bits=10'],
    ['permessage-deflate; client_max_window_bits=10', 'permessage-deflate; client_max_window_bits=15'],
    ['permessage-deflate; server_max_window_bits=10, permessage-deflate', 'permessage-deflate'],
  ])('offered %s, answered %s: fine', (offered, accepted) => {
    expect(judge(offered, accepted)).toBeNull();
  });

  test.each([
    ['permessage-deflate', 'permessage-deflate, permessage-deflate'],
    ['permessage-deflate', 'permessage-deflate; mystery'],
    ['permessage-deflate', 'permessage-deflate; server_max_window_bits'],
    ['permessage-deflate', 'permessage-deflate; server_max_window_bits=08'],
    ['permessage-deflate', 'permessage-deflate; client_no_context_takeover=1'],
    ['permessage-deflate', 'permessage-deflate; server_no_context_takeover; server_no_context_takeover'],
    ['permessage-deflate', 'permessage-deflate; client_max_window_bits=10'],
    ['permessage-deflate; client_max_window_bits', 'permessage-deflate; client_max_window_bits'],
    ['permessage-deflate; server_no_context_takeover', 'permessage-deflate'],
    ['permessage-deflate; server_max_window_bits=10', 'permessage-deflate'],
    ['permessage-deflate; server_max_window_bits=10', 'permessage-deflate; server_max_window_bits=11'],
  ])('offered %s, answered %s: refused', (offered, accepted) => {
    expect(judge(offered, accepted)).toMatch(/^permessage-deflate is accepted /);
  });
});

test('whatever the two sides wish for, our server’s answer suits our client', () => {
  const bits = fc.option(fc.integer({ min: 8, max: 15 }), { nil: undefined });
  const options = fc.record<DeflateOptions>({
    serverNoContextTakeover: fc.boolean(),
    clientNoContextTakeover: fc.boolean(),
    serverMaxWindowBits: bits,
    clientMaxWindowBits: bits,
  });
  const law = fc.property(options, options, (client, server) => {
    const offers = deflateOffer(settings(client));
    const accepted = deflateNegotiator(settings(server))(offers);
    expect(accepted).toHaveLength(1);
    expect(judgeDeflateAnswer(offers, accepted)).toBeNull();
  });
  fc.assert(law);
});
