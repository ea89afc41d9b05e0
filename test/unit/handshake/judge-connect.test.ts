import { UsageError } from '../../../src/errors.js';
import { connectHead } from '../../../src/handshake/connect-head.js';
import { connectJudge } from '../../../src/handshake/judge-connect.js';
import type { JudgeOptions } from '../../../src/handshake/judge-request.js';

const REQUIRED: Readonly<Record<string, string>> = {
  ':method': 'CONNECT',
  ':protocol': 'websocket',
  ':scheme': 'https',
  ':path': '/chat',
  ':authority': 'server.example.com',
  'sec-websocket-version': '13',
};

/** The verdict on what is required, with some fields changed or taken away, and lines added. */
function verdict(changes: Readonly<Record<string, string | null>>, options: JudgeOptions = {}, more: string[] = []) {
  const fields = Object.entries({ ...REQUIRED, ...changes }).filter((field) => field[1] !== null) as [string, string][];
  return connectJudge(options)(connectHead([...fields.flat(), ...more]));
}

test('RFC 8441 §5: accepted without Connection, Upgrade and Sec-WebSocket-Key', () => {
  expect(verdict({})).toEqual({ accepted: true, subprotocol: null, extensions: [] });
});

test.each([':method', ':protocol', ':scheme', ':path', ':authority', 'sec-websocket-version'])(
  '%s is needed',
  (name) => {
    expect(verdict({ [name]: null })).toMatchObject({ accepted: false });
  },
);

test.each([
  [':method', 'GET', 405],
  [':method', 'connect', 405],
  [':protocol', 'connect-udp', 501],
  [':protocol', 'WebSocket', 501],
  [':scheme', 'wss', 400],
  [':scheme', 'ftp', 400],
  [':path', '', 400],
  [':path', 'chat', 400],
  [':path', '*', 400],
  [':path', '//evil', 400],
  [':path', '/\x80', 400],
  [':path', '/a#b', 400],
  [':authority', '', 400],
  [':authority', 'user@host', 400],
  [':authority', 'a:99999', 400],
  ['host', 'other.example.com', 400],
  ['content-length', '5', 400],
  ['transfer-encoding', 'chunked', 400],
  ['expect', '100-continue', 417],
  ['sec-websocket-version', '8', 400],
  ['sec-websocket-version', '13.0', 400],
  ['sec-websocket-protocol', 'a, a', 400],
  ['sec-websocket-protocol', '\xff', 400],
  ['sec-websocket-extensions', ';', 400],
])('%s: %j is refused with %i', (name, value, status) => {
  expect(verdict({ [name]: value })).toMatchObject({ accepted: false, status });
});

test.each([
  ['host', 'server.example.com'],
  ['host', 'SERVER.example.com'],
  ['content-length', '0'],
  ['te', 'trailers'],
  ['sec-websocket-key', 'of no use here'],
  [':scheme', 'http'],
])('%s: %s does no harm', (name, value) => {
  expect(verdict({ [name]: value })).toMatchObject({ accepted: true });
});

test('Host stands in for an authority that is absent', () => {
  expect(verdict({ ':authority': null, host: 'a' })).toMatchObject({ accepted: true });
});

test('a version that came twice is refused, and the one that we speak is named', () => {
  expect(verdict({}, {}, ['sec-websocket-version', '13'])).toEqual({
    accepted: false,
    status: 400,
    why: 'Sec-WebSocket-Version must come once and be 13.',
    headers: { 'Sec-WebSocket-Version': '13' },
  });
});

test.each([
  ['https://server.example.com', {}, true],
  ['https://server.example.com:443', {}, true],
  ['https://server.example.com:8443', {}, false],
  ['https://evil.example', {}, false],
  ['http://server.example.com', {}, true],
  ['http://server.example.com', { secure: true }, false],
  ['null', {}, false],
  ['https://evil.example', { origins: '*' as const }, true],
  ['https://evil.example', { origins: ['https://evil.example'] }, true],
])('a page of %s with %j may connect: %s', (origin, options, accepted) => {
  expect(verdict({ origin }, options)).toMatchObject(accepted ? { accepted } : { accepted, status: 403 });
});

test('subprotocol and extensions are agreed on as over HTTP/1.1', () => {
  const offered = { 'sec-websocket-protocol': 'a, b', 'sec-websocket-extensions': 'x; y=1, z' };
  const options: JudgeOptions = { subprotocols: ['b'], extensions: (offers) => offers.slice(0, 1) };
  expect(verdict(offered, options)).toEqual({
    accepted: true,
    subprotocol: 'b',
    extensions: [{ name: 'x', parameters: [{ name: 'y', value: '1' }] }],
  });
});

test('a bad option is a UsageError', () => {
  expect(() => connectJudge({ origins: 5 as never })).toThrow(UsageError);
});

test('a head over 16 KiB is refused with 431, before anything else is looked at', () => {
  expect(verdict({ ':protocol': 'connect-udp' }, {}, ['a', 'b'.repeat(16_384)])).toMatchObject({ status: 431 });
});
