/** The ends of a bridge. */
import { hostText, parseEndpoint, portOf } from '../../../src/cli/endpoint.js';
import { UsageError } from '../../../src/errors.js';

test.each([
  ['tcp://localhost:5432', { kind: 'tcp', host: 'localhost', port: 5432 }],
  ['tcp://:22', { kind: 'tcp', host: '127.0.0.1', port: 22 }],
  ['tcp://[::1]:22/', { kind: 'tcp', host: '::1', port: 22 }],
  ['ws://:8080', { kind: 'ws', url: 'ws://127.0.0.1:8080/', host: '127.0.0.1', port: 8080, path: null, secure: false }],
  [
    'wss://h.example',
    { kind: 'ws', url: 'wss://h.example:443/', host: 'h.example', port: 443, path: null, secure: true },
  ],
  ['ws://[::1]:1/db?x', { kind: 'ws', url: 'ws://[::1]:1/db?x', host: '::1', port: 1, path: '/db?x', secure: false }],
])('%s', (text, endpoint) => {
  expect(parseEndpoint(text)).toEqual(endpoint);
});

test.each([
  '',
  'localhost:1',
  'tcp://host',
  'tcp://h:1/path',
  'tcp://h:65536',
  'http://h',
  'ws://u:p@h',
  'ws://h:x',
  'ws://h#f',
])('"%s" is none', (text) => {
  expect(() => parseEndpoint(text)).toThrow(UsageError);
});

test.each(['-1', '65536', '80.5', 'http', ''])('"%s" is no port', (text) => {
  expect(() => portOf(text)).toThrow('a port is 0 to 65535');
});

test('an IPv6 address stands in brackets', () => {
  expect([hostText('::1'), hostText('127.0.0.1'), portOf('0')]).toEqual(['[::1]', '127.0.0.1', 0]);
});
