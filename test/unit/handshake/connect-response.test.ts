import { UsageError } from '../../../src/errors.js';
import { acceptanceFields, refusalFields } from '../../../src/handshake/connect-response.js';

test('RFC 8441 §5.1: the 200 names what was chosen, and has no Sec-WebSocket-Accept', () => {
  const extensions = [{ name: 'permessage-deflate', parameters: [] }];
  expect(
    acceptanceFields({ subprotocol: 'chat', extensions, headers: { 'Set-Cookie': ['a', 'b'], 'X-One': '1' } }),
  ).toEqual({
    ':status': 200,
    'sec-websocket-protocol': 'chat',
    'sec-websocket-extensions': 'permessage-deflate',
    'set-cookie': ['a', 'b'],
    'x-one': '1',
  });
  expect(acceptanceFields({})).toEqual({ ':status': 200 });
});

test.each([{ Connection: 'x' }, { 'Sec-WebSocket-Protocol': 'x' }, { Upgrade: 'x' }, { 'a b': 'x' }, { a: 'x\r\ny' }])(
  'an acceptance with %j is a UsageError',
  (headers) => {
    expect(() => acceptanceFields({ headers })).toThrow(UsageError);
  },
);

test('a refusal says why, and its length', () => {
  const date = new Date(0);
  expect(refusalFields({ status: 403, why: 'Ünot here', date })).toEqual({
    fields: {
      ':status': 403,
      date: 'Thu, 01 Jan 1970 00:00:00 GMT',
      'content-type': 'text/plain; charset=utf-8',
      'content-length': '11',
    },
    content: Buffer.from('Ünot here\n'),
  });
});

test('RFC 9113 §8.2.2: what HTTP/1.1 says about the connection is left out', () => {
  const { fields } = refusalFields({
    status: 426,
    headers: { Upgrade: 'websocket', 'Keep-Alive': 'x', 'Retry-After': '1' },
  });
  expect(Object.keys(fields)).toEqual([':status', 'date', 'content-type', 'content-length', 'retry-after']);
});

test.each([200, 101, 600, 1.5])('%s refuses nothing', (status) => {
  expect(() => refusalFields({ status })).toThrow(UsageError);
});
