import fc from 'fast-check';
import { type DeflateParams, deflateExtension, parseDeflateParams } from '../../../src/deflate/params.js';
import { formatExtensions, parseExtensions } from '../../../src/handshake/extensions.js';

/** The parameters of `permessage-deflate; ${text}`, from the wire. */
function read(text: string, place: 'offer' | 'answer' = 'offer'): DeflateParams | null {
  const [extension] = parseExtensions(text === '' ? 'permessage-deflate' : `permessage-deflate; ${text}`) ?? [];
  if (extension === undefined) throw new Error(`Malformed: ${text}`);
  return parseDeflateParams(extension, place);
}

const NOTHING = {
  serverNoContextTakeover: false,
  clientNoContextTakeover: false,
  serverMaxWindowBits: null,
  clientMaxWindowBits: null,
};

test('no parameters mean that nothing is said', () => {
  expect(read('')).toEqual(NOTHING);
});

test('all four are read, in any order, quoted or not', () => {
  const text = 'client_max_window_bits="10"; server_max_window_bits=8; client_no_context_takeover; ';
  expect(read(`${text}server_no_context_takeover`)).toEqual({
    serverNoContextTakeover: true,
    clientNoContextTakeover: true,
    serverMaxWindowBits: 8,
    clientMaxWindowBits: 10,
  });
});

test('client_max_window_bits may go without a value in an offer, not in an answer (§7.1.2.2)', () => {
  expect(read('client_max_window_bits')?.clientMaxWindowBits).toBe('any');
  expect(read('client_max_window_bits', 'answer')).toBeNull();
});

describe('canonical integers from 8 to 15 only', () => {
  const values = ['7', '16', '99', '08', '010', '0x9', '1e1', '9.0', '+9', '-9', '9999999999999999999', 'nine'];
  test.each(values.flatMap((value) => ['server', 'client'].map((side) => `${side}_max_window_bits=${value}`)))(
    '%s',
    (text) => {
      expect([read(text, 'offer'), read(text, 'answer')]).toEqual([null, null]);
    },
  );

  test.each([8, 9, 10, 11, 12, 13, 14, 15])('%i', (bits) => {
    expect(read(`server_max_window_bits=${bits}`)?.serverMaxWindowBits).toBe(bits);
    expect(read(`client_max_window_bits=${bits}`)?.clientMaxWindowBits).toBe(bits);
  });
});

test('an empty value is none of them, where it can be said at all', () => {
  for (const name of ['server_max_window_bits', 'client_max_window_bits', 'server_no_context_takeover']) {
    const extension = { name: 'permessage-deflate', parameters: [{ name, value: '' }] };
    expect(parseDeflateParams(extension, 'offer')).toBeNull();
  }
});

test.each([
  'server_max_window_bits',
  'server_no_context_takeover=1',
  'client_no_context_takeover=true',
  'server_no_context_takeover; server_no_context_takeover',
  'server_max_window_bits=10; server_max_window_bits=10',
  'client_max_window_bits; client_max_window_bits=10',
  'mystery',
  'mystery=1',
  'Server_no_context_takeover',
  '__proto__',
  'constructor=9',
  'hasOwnProperty',
])('unknown, repeated or with a value that it must not have: %s', (text) => {
  expect([read(text, 'offer'), read(text, 'answer')]).toEqual([null, null]);
});

test('what is written is read back as it was', () => {
  const bits = fc.option(fc.integer({ min: 8, max: 15 }), { nil: null });
  const params = fc.record<DeflateParams>({
    serverNoContextTakeover: fc.boolean(),
    clientNoContextTakeover: fc.boolean(),
    serverMaxWindowBits: bits,
    clientMaxWindowBits: fc.oneof(bits, fc.constant('any' as const)),
  });
  const law = fc.property(params, (value) => {
    const [back] = parseExtensions(formatExtensions([deflateExtension(value)])) ?? [];
    expect(back === undefined ? null : parseDeflateParams(back, 'offer')).toEqual(value);
  });
  fc.assert(law);
});
