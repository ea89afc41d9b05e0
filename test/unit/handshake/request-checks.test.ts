import { Fields } from '../../../src/handshake/head.js';
import { REQUEST_CHECKS } from '../../../src/handshake/request-checks.js';
import type { HeaderLine } from '../../support/upgrade-request.js';
import { headOf, headWith, KEY, linesWith, REQUIRED } from '../../support/upgrade-request.js';

type Head = ReturnType<typeof headOf>;

function faultOf(head: Head) {
  const fields = new Fields(head.rawHeaders);
  for (const check of REQUEST_CHECKS) {
    const fault = check(head, fields);
    if (fault !== null) return fault;
  }
  return null;
}

const statusOf = (head: Head) => faultOf(head)?.status ?? 'fine';
const doubled = (name: string) => headOf(REQUIRED.flatMap((line) => (line[0] === name ? [line, line] : [line])));

test('the request of RFC 6455 §1.2 is fine, in any order and any case of the names', () => {
  expect(statusOf(headOf())).toBe('fine');
  expect(statusOf(headOf(REQUIRED.toReversed()))).toBe('fine');
  expect(statusOf(headOf(REQUIRED.map(([name, value]) => [name.toUpperCase(), value])))).toBe('fine');
});

test.each([
  ['Host', 400, 400],
  ['Upgrade', 426, 'fine'],
  ['Connection', 426, 'fine'],
  ['Sec-WebSocket-Key', 400, 400],
  ['Sec-WebSocket-Version', 400, 400],
])('%s absent: %s, doubled: %s', (name, absent, twice) => {
  expect(statusOf(headWith({ [name]: null }))).toBe(absent);
  expect(statusOf(doubled(name))).toBe(twice);
});

test.each(['POST', 'HEAD', 'OPTIONS', 'CONNECT', 'get', ''])('method %j: 405, with Allow', (method) => {
  expect(faultOf(headOf(REQUIRED, { method }))).toMatchObject({ status: 405, headers: { Allow: 'GET' } });
});

test.each(['1.0', '0.9', '2.0', '1.2', ''])('HTTP/%s: 505', (httpVersion) => {
  expect(statusOf(headOf(REQUIRED, { httpVersion }))).toBe(505);
});

test.each(['/', '/chat?a=//b', '/%20', '/a:b@c', '/?', '/~"{}|^`'])('target %j is fine', (target) => {
  expect(statusOf(headOf(REQUIRED, { target }))).toBe('fine');
});

test.each([
  '*',
  '',
  'chat',
  '?a',
  '//evil.example/',
  '/\\evil.example/',
  'http://evil.example/',
  'ws://evil.example/',
  'evil.example:80',
  '/#a',
  '/a b',
  '/\x00',
  '/é',
])('target %j: 400', (target) => {
  expect(statusOf(headOf(REQUIRED, { target }))).toBe(400);
});

describe('each field has its grammar', () => {
  test.each([
    ['Host', 'a:8080'],
    ['Host', '[::1]'],
    ['Upgrade', 'WebSocket'],
    ['Upgrade', 'h2c, websocket'],
    ['Upgrade', 'foo/2, websocket'],
    ['Connection', 'keep-alive, Upgrade'],
    ['Connection', 'UPGRADE,'],
    ['Sec-WebSocket-Key', 'AAAAAAAAAAAAAAAAAAAAAA=='],
    ['Sec-WebSocket-Key', '/////////////////////w=='],
    ['Content-Length', '0'],
    ['Sec-WebSocket-Whatever', 'a\tb'],
    ['X-Other', 'é'],
  ])('%s: %s is fine', (name, value) => {
    expect(statusOf(headWith({ [name]: value }))).toBe('fine');
  });

  test.each([
    ['Host', '', 400],
    ['Host', 'a, b', 400],
    ['Host', 'user@a', 400],
    ['Upgrade', '', 426],
    ['Upgrade', 'h2c', 426],
    ['Upgrade', 'websockets', 426],
    ['Upgrade', 'websocket/13', 426],
    ['Upgrade', 'foo/websocket', 426],
    ['Upgrade', 'web socket', 400],
    ['Upgrade', 'websocket/', 400],
    ['Upgrade', '"websocket"', 400],
    ['Connection', '', 426],
    ['Connection', 'keep-alive', 426],
    ['Connection', 'upgraded', 426],
    ['Connection', 'Upgrade; x', 400],
    ['Sec-WebSocket-Version', '12', 426],
    ['Sec-WebSocket-Version', '8', 426],
    ['Sec-WebSocket-Version', '013', 426],
    ['Sec-WebSocket-Version', '13.0', 426],
    ['Sec-WebSocket-Version', '0xd', 426],
    ['Sec-WebSocket-Version', '1e1', 426],
    ['Sec-WebSocket-Version', '13, 8', 426],
    ['Sec-WebSocket-Version', '', 426],
    ['Sec-WebSocket-Version', '13é', 426],
    ['Sec-WebSocket-Key', '', 400],
    ['Sec-WebSocket-Key', KEY.slice(0, -1), 400],
    ['Sec-WebSocket-Key', KEY.slice(0, -2), 400],
    ['Sec-WebSocket-Key', `${KEY} `, 400],
    ['Sec-WebSocket-Key', `${KEY}, ${KEY}`, 400],
    ['Sec-WebSocket-Key', KEY.replace('Q==', 'R=='), 400],
    ['Sec-WebSocket-Key', 'AAAAAAAAAAAAAAAAAAAAAAA=', 400],
    ['Sec-WebSocket-Key', 'AAAAAAAAAAAAAAAAAAAAAAAA', 400],
    ['Sec-WebSocket-Key', 'dGhlIHNhbXBsZSBub25jZ_==', 400],
    ['Sec-WebSocket-Key', `${KEY.slice(0, -3)}é==`, 400],
    ['Sec-WebSocket-Whatever', '\x80', 400],
    ['sec-websocket-x', 'é', 400],
    ['SEC-WEBSOCKET-X', 'a\x00', 400],
    ['Content-Length', '1', 400],
    ['Content-Length', '00', 400],
    ['Content-Length', '', 400],
    ['Content-Length', '+0', 400],
    ['Transfer-Encoding', 'chunked', 400],
    ['Transfer-Encoding', 'identity', 400],
    ['Transfer-Encoding', '', 400],
    ['Expect', '100-continue', 417],
  ])('%s: %j is %s', (name, value, status) => {
    expect(statusOf(headWith({ [name]: value }))).toBe(status);
  });
});

test('426 names what would do: the protocol (RFC 9110 §15.5.22), the version (RFC 6455 §4.4)', () => {
  expect(faultOf(headWith({ Upgrade: null }))?.headers).toEqual({ Upgrade: 'websocket' });
  expect(faultOf(headWith({ Connection: null }))?.headers).toEqual({ Upgrade: 'websocket' });
  const both = { Upgrade: 'websocket', 'Sec-WebSocket-Version': '13' };
  expect(faultOf(headWith({ 'Sec-WebSocket-Version': '12' }))?.headers).toEqual(both);
  expect(faultOf(headWith({ 'Sec-WebSocket-Version': null }))?.headers).toEqual({ 'Sec-WebSocket-Version': '13' });
});

test('a list may be spread over several fields', () => {
  const lines: HeaderLine[] = [...linesWith({ Connection: 'keep-alive', Upgrade: 'h2c' })];
  expect(statusOf(headOf([...lines, ['connection', 'upgrade'], ['upgrade', 'websocket']]))).toBe('fine');
});

test('as many fields as make Node drop the others: 431', () => {
  const many = (count: number): HeaderLine[] => [
    ...REQUIRED,
    ...Array<HeaderLine>(count - REQUIRED.length).fill(['a', '']),
  ];
  expect(statusOf(headOf(many(999)))).toBe('fine');
  expect(statusOf(headOf(many(1000)))).toBe(431);
});
