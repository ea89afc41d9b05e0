import { parseTarget } from '../../../src/handshake/client-url.js';
import { crossOriginFields, isRedirect, judgeRedirect } from '../../../src/handshake/redirect.js';

const redirect = (from: string, ...location: string[]) => judgeRedirect(parseTarget(from), location);

test('five statuses redirect', () => {
  const statuses = Array.from({ length: 500 }, (_, at) => at + 100);
  expect(statuses.filter(isRedirect)).toEqual([301, 302, 303, 307, 308]);
});

test.each([
  ['ws://a/x/y', 'z', 'ws://a/x/z', true],
  ['ws://a/x', '/y?q', 'ws://a/y?q', true],
  ['ws://a/x', '//b/y', 'ws://b/y', false],
  ['ws://a/x', 'http://a:80/', 'ws://a/', true],
  ['ws://a/x', 'https://a/', 'wss://a/', false],
  ['wss://a/x', 'wss://a:8443/', 'wss://a:8443/', false],
  ['ws://a/x', 'ws://a/y#part', 'ws://a/y', true],
  ['ws://a/x', '', 'ws://a/x', true],
  ['ws://u:p@a/x', '/y', 'ws://a/y', true],
])('%s to %j leads to %s, the same origin: %s', (from, location, href, sameOrigin) => {
  expect(redirect(from, location)).toMatchObject({ followed: true, target: { href }, sameOrigin });
});

test('user information in a location is dropped', () => {
  expect(redirect('ws://a', 'ws://evil:pw@a/')).toMatchObject({ target: { authorization: null, href: 'ws://a/' } });
});

test.each([
  ['wss://a', ['ws://a/'], 'from wss to ws'],
  ['wss://a', ['http://b/'], 'from wss to ws'],
  ['ws://a', [], 'no single Location'],
  ['ws://a', ['/b', '/b'], 'no single Location'],
  ['ws://a', ['ftp://a/'], 'not the URL'],
  ['ws://a', ['file:///etc/passwd'], 'not the URL'],
  ['ws://a', ['ws+unix:/run/x.sock'], 'not the URL'],
  ['ws://a', ['javascript:1'], 'not the URL'],
  ['ws://a', ['ws://:99999'], 'not the URL'],
  ['ws+unix:/run/a.sock', ['/b'], 'Unix socket'],
])('%s to %j is not followed', (from, location, why) => {
  expect(redirect(from, ...location)).toEqual({ followed: false, why: expect.stringContaining(why) });
});

test('what was meant for the first origin stays behind', () => {
  const meant = ['Authorization', 'cookie', 'HOST', 'Proxy-Authorization'].map((name) => [name, 'x'] as const);
  expect(crossOriginFields([...meant, ['X-Trace', '1'], ['Origin', 'https://site']])).toEqual([
    ['X-Trace', '1'],
    ['Origin', 'https://site'],
  ]);
});
