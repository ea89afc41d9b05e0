import { parseTarget, sameOrigin } from '../../../src/handshake/client-url.js';

describe('a URL taken apart', () => {
  test.each([
    ['ws://host', { href: 'ws://host/', secure: false, hostname: 'host', port: 80, host: 'host', path: '/' }],
    ['wss://host/a?b=c', { href: 'wss://host/a?b=c', secure: true, port: 443, path: '/a?b=c' }],
    ['http://host:8080', { href: 'ws://host:8080/', secure: false, port: 8080, host: 'host:8080' }],
    ['https://host:443/', { href: 'wss://host/', secure: true, port: 443, host: 'host' }],
    ['WS://HOST:80/', { href: 'ws://host/', host: 'host' }],
    ['ws://[::1]:9/', { hostname: '::1', host: '[::1]:9', port: 9 }],
    ['ws://host:0/', { port: 0, host: 'host:0' }],
    ['ws://h/caf\u00e9 x', { path: '/caf%C3%A9%20x' }],
    ['ws://h/%0d%0a?', { path: '/%0d%0a' }],
  ])('%s', (url, parts) => {
    expect(parseTarget(url)).toMatchObject({ socketPath: null, authorization: null, ...parts });
  });

  test('a URL object is read like its text', () => {
    expect(parseTarget(new URL('ws://host/a'))).toEqual(parseTarget('ws://host/a'));
  });
});

describe('a Unix socket', () => {
  test.each([
    ['ws+unix:/run/a.sock', { href: 'ws+unix:/run/a.sock:/', socketPath: '/run/a.sock', path: '/', secure: false }],
    ['ws+unix:/run/a.sock:/chat?x=1:2', { socketPath: '/run/a.sock', path: '/chat?x=1:2', host: 'localhost' }],
    ['wss+unix:///run/a%3Ab.sock:/c:d', { socketPath: '/run/a:b.sock', path: '/c:d', secure: true }],
    ['ws+unix:/run/a b.sock', { socketPath: '/run/a b.sock' }],
  ])('%s', (url, parts) => {
    expect(parseTarget(url)).toMatchObject(parts);
  });

  test.each([
    ['ws+unix:relative.sock', 'absolute'],
    ['ws+unix://host/run/a.sock', 'absolute'],
    ['ws+unix:/run/a.sock:chat', 'slash'],
    ['ws+unix:/run/%00a.sock', 'control character'],
    ['ws+unix:/run/%ff', 'percent-encoded'],
  ])('%s is refused', (url, why) => {
    expect(() => parseTarget(url)).toThrow(why);
  });
});

describe('user information', () => {
  // RFC 7617 §2: the example of the RFC.
  test.each([
    ['ws://Aladdin:open%20sesame@host', 'Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ=='],
    ['ws://user@host', `Basic ${Buffer.from('user:').toString('base64')}`],
    ['ws://:secret@host', `Basic ${Buffer.from(':secret').toString('base64')}`],
    ['ws://u:a%3Ab%C3%A9@host', `Basic ${Buffer.from('u:a:b\u00e9').toString('base64')}`],
  ])('%s becomes credentials, and is gone from the URL', (url, authorization) => {
    expect(parseTarget(url)).toMatchObject({ authorization, href: 'ws://host/', host: 'host' });
  });

  test.each([
    ['ws://a%3Ab:c@host', 'colon'],
    ['ws://a%0d:c@host', 'control character'],
    ['ws://a:%ff@host', 'percent-encoded'],
  ])('%s is refused', (url, why) => {
    expect(() => parseTarget(url)).toThrow(why);
  });
});

test.each([
  ['', 'malformed'],
  ['host', 'malformed'],
  ['ws://', 'malformed'],
  ['ws://host:99999', 'malformed'],
  ['ftp://host', 'begin with ws'],
  ['constructor:x', 'begin with ws'],
  ['ws://host/#a', 'fragment'],
  ['ws://host/#', 'fragment'],
  ['ws://host/a\r\nX: y', 'control character'],
  ['ws://host/a\nb', 'control character'],
  ['ws://ho\tst/', 'control character'],
  ['ws://host/\0', 'control character'],
])('%j is refused', (url, why) => {
  expect(() => parseTarget(url)).toThrow(expect.objectContaining({ code: 'ERR_WS_USAGE' }));
  expect(() => parseTarget(url)).toThrow(why);
});

test('an error does not repeat the password', () => {
  expect(() => parseTarget('ftp://u:secret@host/#x')).not.toThrow('secret');
});

test.each([
  ['ws://a/x', 'ws://a:80/y', true],
  ['ws://a', 'ws://b', false],
  ['ws://a', 'ws://a:81', false],
  ['ws://a:443', 'wss://a', false],
  ['ws://a', 'ws://sub.a', false],
  ['ws+unix:/a:/x', 'ws+unix:/a:/y', true],
  ['ws+unix:/a', 'ws+unix:/b', false],
  ['ws+unix:/a', 'ws://localhost', false],
])('%s and %s: one origin is %s', (a, b, same) => {
  expect(sameOrigin(parseTarget(a), parseTarget(b))).toBe(same);
});
