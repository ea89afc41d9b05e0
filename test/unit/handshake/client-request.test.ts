import { type ClientOptions, parseClientOptions } from '../../../src/handshake/client-options.js';
import { createOffer, requestHeaders } from '../../../src/handshake/client-request.js';

function headersFor(options: ClientOptions = {}) {
  const settings = parseClientOptions('ws://host:81/', options);
  return requestHeaders(settings.target, { ...createOffer(settings), key: 'KEY' }, settings.fields);
}

test('a key is 16 bytes in base64, and another one each time', () => {
  const settings = parseClientOptions('ws://host');
  const keys = Array.from({ length: 100 }, () => createOffer(settings).key);
  for (const key of keys) expect(Buffer.from(key, 'base64')).toHaveLength(16);
  expect(new Set(keys).size).toBe(100);
});

test('the bare request has what RFC 6455 §4.1 asks for, and no more', () => {
  expect(Object.entries(headersFor())).toEqual([
    ['Host', 'host:81'],
    ['Connection', 'Upgrade'],
    ['Upgrade', 'websocket'],
    ['Sec-WebSocket-Version', '13'],
    ['Sec-WebSocket-Key', 'KEY'],
  ]);
});

test('offers and fields of the caller follow', () => {
  const extensions = [
    { name: 'e', parameters: [{ name: 'p', value: '1' }] },
    { name: 'e', parameters: [] },
  ];
  const headers = { 'X-A': ['1', '2'], ['__proto__']: 'own' };
  expect(Object.entries(headersFor({ subprotocols: ['a', 'b'], extensions, headers })).slice(5)).toEqual([
    ['Sec-WebSocket-Protocol', 'a, b'],
    ['Sec-WebSocket-Extensions', 'e; p=1, e'],
    ['X-A', ['1', '2']],
    ['__proto__', 'own'],
  ]);
});

test('a Host of the caller takes the place of ours', () => {
  const headers = headersFor({ headers: { host: 'virtual' } });
  expect(headers).toMatchObject({ Host: 'virtual' });
  expect(headers).not.toHaveProperty('host');
});
