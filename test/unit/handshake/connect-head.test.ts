import { connectHead, flatFields } from '../../../src/handshake/connect-head.js';

/** What Node's http2 gives for the example of RFC 8441 §5.1. */
const EXAMPLE = [
  [':method', 'CONNECT'],
  [':protocol', 'websocket'],
  [':scheme', 'https'],
  [':path', '/chat'],
  [':authority', 'server.example.com'],
  ['sec-websocket-protocol', 'chat, superchat'],
  ['sec-websocket-extensions', 'permessage-deflate'],
  ['sec-websocket-version', '13'],
  ['origin', 'http://www.example.com'],
] as const;

test('RFC 8441 §5.1: the path is the target, the authority is Host, the rest stays', () => {
  expect(connectHead(EXAMPLE.flat())).toEqual({
    method: 'CONNECT',
    target: '/chat',
    httpVersion: '2.0',
    protocol: 'websocket',
    scheme: 'https',
    isTooLarge: false,
    rawHeaders: ['host', 'server.example.com', ...EXAMPLE.slice(5).flat()],
  });
});

test('what is absent is null, or an empty method and target, which no judge lets in', () => {
  const head = connectHead(['origin', 'https://a']);
  expect(head).toMatchObject({
    method: '',
    target: '',
    protocol: null,
    scheme: null,
    rawHeaders: ['origin', 'https://a'],
  });
});

test('without an authority the host stays what it is', () => {
  expect(connectHead(['host', 'a']).rawHeaders).toEqual(['host', 'a']);
});

test.each([
  ['a', 'a', ['host', 'a']],
  ['a', 'A', ['host', 'a']],
  ['a', 'b', ['host', 'a', 'host', 'b']],
])('authority %s and Host %s: %j', (authority, host, rawHeaders) => {
  expect(connectHead([':authority', authority, 'host', host]).rawHeaders).toEqual(rawHeaders);
});

test('RFC 9113 §8.2.3: the parts of a cookie are joined', () => {
  const raw = ['cookie', 'a=1', 'x', 'y', 'cookie', 'b=2'];
  expect(connectHead(raw).rawHeaders).toEqual(['cookie', 'a=1; b=2', 'x', 'y']);
});

test('fields that came twice stay two', () => {
  expect(connectHead(['origin', 'a', 'origin', 'b']).rawHeaders).toEqual(['origin', 'a', 'origin', 'b']);
});

test('RFC 9113 §6.5.2: of a head over 16 KiB only what says who asks for what is kept', () => {
  const fields = (count: number) => [
    ':path',
    '/',
    ...Array.from({ length: count }, () => ['a', 'b'.repeat(95)]).flat(),
  ];
  // 128 for each field, and 38 for the path.
  expect(connectHead(fields(127))).toMatchObject({ isTooLarge: false, rawHeaders: fields(127).slice(2) });
  expect(connectHead(fields(128))).toMatchObject({ isTooLarge: true, target: '/', rawHeaders: [] });
});

test("Node's headers object becomes a list", () => {
  const headers = { ':status': 200, 'set-cookie': ['a', 'b'], x: 'y', z: undefined };
  expect(flatFields(headers)).toEqual([':status', '200', 'set-cookie', 'a', 'set-cookie', 'b', 'x', 'y']);
});
