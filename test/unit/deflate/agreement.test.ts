import { deflateAgreement } from '../../../src/deflate/agreement.js';
import { type DeflateOptions, type DeflateSettings, deflateSettings } from '../../../src/deflate/options.js';
import { parseExtensions } from '../../../src/handshake/extensions.js';

const agree = (accepted: string, role: 'client' | 'server', options: DeflateOptions = {}) =>
  deflateAgreement(parseExtensions(accepted) ?? [], role, deflateSettings(options) as DeflateSettings);

test('the same answer is mirrored at the two ends', () => {
  const accepted =
    'permessage-deflate; server_no_context_takeover; server_max_window_bits=9; client_max_window_bits=11';
  const servers = { windowBits: 9, takeover: false };
  const clients = { windowBits: 11, takeover: true };
  expect(agree(accepted, 'server')).toMatchObject({ deflate: servers, inflate: clients });
  expect(agree(accepted, 'client')).toMatchObject({ deflate: clients, inflate: servers });
});

test('what is left open: the peer may use 32 KiB, we use 8 KiB', () => {
  expect(agree('permessage-deflate', 'server')).toEqual({
    deflate: { windowBits: 13, takeover: true },
    inflate: { windowBits: 15, takeover: true },
    threshold: 64,
  });
});

test('we may keep less than what was agreed on, never more', () => {
  expect(agree('permessage-deflate', 'client', { clientNoContextTakeover: true })).toMatchObject({
    deflate: { takeover: false },
    threshold: 512,
  });
  const bits = (options: DeflateOptions) =>
    agree('permessage-deflate; server_max_window_bits=12', 'server', options)?.deflate.windowBits;
  expect([bits({}), bits({ serverMaxWindowBits: 15 }), bits({ serverMaxWindowBits: 9 })]).toEqual([12, 12, 9]);
  const hinted = agree('permessage-deflate; client_max_window_bits=15', 'client', { clientMaxWindowBits: 9 });
  expect(hinted?.deflate.windowBits).toBe(9);
});

test('the user’s threshold stands', () => {
  expect(agree('permessage-deflate', 'server', { threshold: 0 })?.threshold).toBe(0);
});

test('no agreement without permessage-deflate, nor with parameters that it does not have', () => {
  expect([agree('x-other', 'server'), agree('permessage-deflate; mystery', 'client')]).toEqual([null, null]);
});
