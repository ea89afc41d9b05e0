import { parseTarget } from '../../../../src/handshake/client-url.js';
import type { TransportOptions } from '../../../../src/handshake/stream/http-request.js';
import { sameRoute } from '../../../../src/handshake/stream/same-route.js';

const same = (a: TransportOptions, b: TransportOptions, urls: [string, string] = ['wss://a/x', 'wss://a/y']) =>
  sameRoute({ target: parseTarget(urls[0]), transport: a }, { target: parseTarget(urls[1]), transport: b });

test('the path does not matter; scheme, host and port do', () => {
  expect(same({}, {})).toBe(true);
  expect(same({}, {}, ['wss://a', 'wss://a:443'])).toBe(true);
  for (const other of ['ws://a', 'wss://b', 'wss://a:444', 'wss+unix:/a'])
    expect(same({}, {}, ['wss://a', other])).toBe(false);
});

const lookup = () => {};
test.each<[TransportOptions, TransportOptions, boolean]>([
  [{ http: 'auto' }, { http: '2' }, true],
  [{ tls: {} }, {}, true],
  [{ tls: { ca: 'x' } }, {}, false],
  [{ tls: { ca: 'x' } }, { tls: { ca: 'x' } }, true],
  [{ tls: { ca: Buffer.from('x') } }, { tls: { ca: Buffer.from('x') } }, true],
  [{ tls: { ca: Buffer.from('x') } }, { tls: { ca: Buffer.from('y') } }, false],
  [{ tls: { ca: ['x', Buffer.from('y')] } }, { tls: { ca: ['x', Buffer.from('y')] } }, true],
  [{ tls: { cert: 'me', key: 'k' } }, { tls: { cert: 'you', key: 'k' } }, false],
  [{ tls: { rejectUnauthorized: false } }, {}, false],
  [{ tls: { checkServerIdentity: () => undefined } }, { tls: { checkServerIdentity: () => undefined } }, false],
  [{ tls: { secureContext: {} as never } }, { tls: { secureContext: {} as never } }, false],
  [{ lookup }, { lookup }, true],
  [{ lookup }, { lookup: () => {} }, false],
  [{ family: 4 }, { family: 6 }, false],
  [{ localAddress: '127.0.0.1' }, {}, false],
])('%p and %p: %p', (a, b, isSame) => {
  expect(same(a, b)).toBe(isSame);
});
