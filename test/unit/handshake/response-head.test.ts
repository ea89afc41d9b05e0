import { UsageError } from '../../../src/errors.js';
import type { HeaderFields } from '../../../src/handshake/response-head.js';
import { acceptanceHead, refusal } from '../../../src/handshake/response-head.js';
import { ACCEPT } from '../../support/upgrade-request.js';

const date = new Date(0);
const DATE = 'Date: Thu, 01 Jan 1970 00:00:00 GMT\r\n';

describe('acceptanceHead', () => {
  test('nothing but what RFC 6455 §4.2.2 asks for when nothing was negotiated', () => {
    expect(acceptanceHead({ accept: ACCEPT }).toString('latin1')).toBe(
      `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${ACCEPT}\r\n\r\n`,
    );
  });

  test('the subprotocol, the extensions and the fields of the caller', () => {
    const head = acceptanceHead({
      accept: ACCEPT,
      subprotocol: 'chat',
      extensions: [{ name: 'x', parameters: [{ name: 'y', value: '1' }] }],
      headers: { 'Set-Cookie': ['a=1', 'b=é'], 'X-Empty': '' },
    }).toString('latin1');
    expect(head.split('\r\n').slice(4)).toEqual([
      'Sec-WebSocket-Protocol: chat',
      'Sec-WebSocket-Extensions: x; y=1',
      'Set-Cookie: a=1',
      'Set-Cookie: b=é',
      'X-Empty: ',
      '',
      '',
    ]);
  });

  test.each([
    'Upgrade',
    'connection',
    'CONTENT-LENGTH',
    'Transfer-Encoding',
    'Sec-WebSocket-Accept',
    'sec-websocket-x',
  ])('%s is not the caller’s to set', (name) => {
    expect(() => acceptanceHead({ accept: ACCEPT, headers: { [name]: 'x' } })).toThrow(UsageError);
  });

  test('a subprotocol cannot break the head', () => {
    expect(() => acceptanceHead({ accept: ACCEPT, subprotocol: 'a\r\nX: y' })).toThrow(UsageError);
  });
});

describe('refusal', () => {
  test('is a whole response that closes, its body the reason', () => {
    expect(refusal({ status: 403, why: 'Pages may not.', date }).toString()).toBe(
      `HTTP/1.1 403 Forbidden\r\nConnection: close\r\n${DATE}Content-Type: text/plain; charset=utf-8\r\n` +
        'Content-Length: 15\r\n\r\nPages may not.\n',
    );
  });

  test('by default it carries the date of today', () => {
    const [, found = ''] = /Date: (.*)\r\n/.exec(refusal({ status: 400 }).toString()) ?? [];
    expect(Math.abs(Date.now() - Date.parse(found))).toBeLessThan(60_000);
  });

  test('a field for the next hop is named in Connection (RFC 9110 §7.8)', () => {
    const text = refusal({ status: 426, headers: { Upgrade: 'websocket' } }).toString();
    expect(text).toContain('Connection: close, Upgrade\r\n');
    expect(text).toContain('Upgrade: websocket\r\n');
  });

  test('the caller’s body and fields replace the defaults', () => {
    const body = JSON.stringify({ error: 'é' });
    const headers = { 'content-type': 'application/json', 'WWW-Authenticate': ['Basic', 'Bearer'] };
    expect(refusal({ status: 401, why: 'unused', body, headers, date }).toString()).toBe(
      `HTTP/1.1 401 Unauthorized\r\nConnection: close\r\n${DATE}Content-Length: 14\r\n` +
        `content-type: application/json\r\nWWW-Authenticate: Basic\r\nWWW-Authenticate: Bearer\r\n\r\n${body}`,
    );
  });

  test('a body of bytes leaves as it is', () => {
    const bytes = Uint8Array.from([0, 255, 13, 10]);
    expect(refusal({ status: 503, body: bytes }).subarray(-8)).toEqual(Buffer.from([13, 10, 13, 10, ...bytes]));
    expect(refusal({ status: 503, body: '' }).toString()).toMatch(/Content-Length: 0\r\n\r\n$/);
  });

  test('without a reason the name of the status is the body, or its number', () => {
    expect(refusal({ status: 404 }).toString()).toMatch(/^HTTP\/1\.1 404 Not Found\r\n.*\r\n\r\nNot Found\n$/s);
    expect(refusal({ status: 499 }).toString()).toMatch(/^HTTP\/1\.1 499 \r\n.*\r\n\r\n499\n$/s);
  });

  test.each([5, [1, 2], {}, true])('the body %j is a mistake, not memory', (body) => {
    expect(() => refusal({ status: 400, body: body as never })).toThrow(UsageError);
  });

  test.each([0, 101, 200, 299, 600, 400.5, Number.NaN, '400'])('the status %p refuses nothing', (status) => {
    expect(() => refusal({ status: status as number })).toThrow(UsageError);
  });

  test.each(['Connection', 'content-length', 'TRANSFER-ENCODING'])('%s is not the caller’s to set', (name) => {
    expect(() => refusal({ status: 400, headers: { [name]: 'x' } })).toThrow(UsageError);
  });
});

describe.each([
  ['acceptanceHead', (headers: HeaderFields) => acceptanceHead({ accept: ACCEPT, headers })],
  ['refusal', (headers: HeaderFields) => refusal({ status: 400, headers })],
])('%s: fields that could break the head are mistakes', (_, write) => {
  test.each(['a\r\nb', 'a\nb', 'a\rb', 'a\0b', '\x7f', '\u0100', '\x1b'])('value %j', (value) => {
    expect(() => write({ 'X-Tag': value })).toThrow(UsageError);
    expect(() => write({ 'X-Tag': ['fine', value] })).toThrow(UsageError);
  });

  test.each(['', 'a b', 'a:', 'a\r\nb', 'a\0', 'é'])('name %j', (name) => {
    expect(() => write({ [name]: 'x' })).toThrow(UsageError);
  });

  test.each([[1], [null], [undefined], [[1]], [{}]])('value %p, which is no text', (value) => {
    expect(() => write({ 'X-Tag': value } as never)).toThrow(UsageError);
  });

  test.each(['x', null, 1])('headers %j, which are no object', (headers) => {
    expect(() => write(headers as never)).toThrow(UsageError);
  });

  test('names of Object.prototype are names', () => {
    const headers = JSON.parse('{"__proto__": "a", "constructor": "b"}') as HeaderFields;
    expect(write(headers).toString()).toContain('__proto__: a\r\nconstructor: b\r\n');
  });
});
