import { UsageError } from '../../../src/errors.js';
import type { OriginOption } from '../../../src/handshake/origin.js';
import { parseAuthority, parseOriginRule } from '../../../src/handshake/origin.js';
import { headOf } from '../../support/upgrade-request.js';

const request = headOf();

function allows(option: OriginOption | undefined, origin: string, host = 'example.com', secure = false): boolean {
  const authority = parseAuthority(host);
  if (authority === null) throw new Error(`${host} is no host`);
  return parseOriginRule(option, secure)(origin, authority, request);
}

describe('parseAuthority', () => {
  test.each([
    ['example.com', { host: 'example.com', port: null }],
    ['EXAMPLE.com:8080', { host: 'example.com', port: 8080 }],
    ['example.com:', { host: 'example.com', port: null }],
    ['127.0.0.1:1', { host: '127.0.0.1', port: 1 }],
    ['[::1]:65535', { host: '[::1]', port: 65_535 }],
    ['_a.b-c', { host: '_a.b-c', port: null }],
  ])('%s', (text, authority) => {
    expect(parseAuthority(text)).toEqual(authority);
  });

  test.each(['', ':80', 'a b', 'a,b', 'a, b', 'a/b', 'u@a', 'a?', 'a#', 'a\\b', 'a:65536', 'a:1:2', 'a:x', '::1', 'é'])(
    '%j is none',
    (text) => {
      expect(parseAuthority(text)).toBeNull();
    },
  );
});

describe('same, the default', () => {
  test.each([
    ['http://example.com', 'example.com'],
    ['HTTP://Example.COM', 'eXample.com'],
    ['http://example.com', 'example.com:80'],
    ['http://example.com:80', 'example.com'],
    ['http://example.com:8080', 'example.com:8080'],
    ['http://127.0.0.1:3000', '127.0.0.1:3000'],
    ['http://[::1]:3000', '[::1]:3000'],
    ['https://example.com', 'example.com'],
    ['https://example.com', 'example.com:443'],
  ])('%s may connect to %s, also behind a proxy that terminates TLS', (origin, host) => {
    expect(allows(undefined, origin, host)).toBe(true);
    expect(allows('same', origin, host)).toBe(true);
  });

  test.each([
    ['http://evil.example', 'example.com'],
    ['http://example.com.evil.example', 'example.com'],
    ['http://evilexample.com', 'example.com'],
    ['http://sub.example.com', 'example.com'],
    ['http://example.com', 'sub.example.com'],
    ['http://example.com:8080', 'example.com'],
    ['http://example.com', 'example.com:8080'],
    ['http://example.com:443', 'example.com'],
    ['https://example.com', 'example.com:80'],
    ['null', 'example.com'],
    ['null', 'null'],
    ['', 'example.com'],
    ['example.com', 'example.com'],
    ['//example.com', 'example.com'],
    ['http://example.com/', 'example.com'],
    ['http://example.com@evil.example', 'example.com'],
    ['http://evil.example@example.com', 'example.com'],
    ['http://evil.example#example.com', 'example.com'],
    ['http://example.com, http://evil.example', 'example.com'],
    ['http://example.com http://evil.example', 'example.com'],
    ['file://', 'example.com'],
    ['ftp://example.com', 'example.com'],
    ['chrome-extension://example.com', 'example.com'],
    ['http://localhost', '127.0.0.1'],
  ])('%j may not connect to %s', (origin, host) => {
    expect(allows('same', origin, host)).toBe(false);
  });

  test('over a connection that is known to be TLS, a page that was not loaded over TLS may not', () => {
    expect(allows('same', 'http://example.com', 'example.com', true)).toBe(false);
    expect(allows('same', 'https://example.com', 'example.com', true)).toBe(true);
    expect(allows('same', 'https://example.com:8443', 'example.com:8443', true)).toBe(true);
  });
});

test('*: anybody may', () => {
  for (const origin of ['http://evil.example', 'null', '', 'file://']) expect(allows('*', origin)).toBe(true);
});

describe('a list', () => {
  const list = ['https://Example.com', 'http://a.example:8080', 'app://desktop', 'null'];

  test.each(['https://example.com', 'https://example.com:443', 'http://A.example:8080', 'app://desktop', 'null'])(
    '%s is on it',
    (origin) => {
      expect(allows(list, origin)).toBe(true);
    },
  );

  test.each(['http://example.com', 'https://example.com:80', 'http://a.example', 'app://desktop:1', 'Null', '', 'x'])(
    '%j is not',
    (origin) => {
      expect(allows(list, origin)).toBe(false);
    },
  );

  test('an empty list lets no page in, and a list without null not null', () => {
    expect(allows([], 'https://example.com')).toBe(false);
    expect(allows(['https://example.com'], 'null')).toBe(false);
  });

  test('changing the list afterwards changes nothing', () => {
    const mine = ['https://example.com'];
    const rule = parseOriginRule(mine);
    mine[0] = 'https://evil.example';
    expect(rule('https://example.com', { host: 'x', port: null }, request)).toBe(true);
  });

  test.each([['*'], ['example.com'], ['https://a/'], ['https://a/b'], [''], [' https://a'], [1], [null]])(
    '%j in it is a mistake',
    (entry) => {
      expect(() => parseOriginRule([entry] as string[])).toThrow(UsageError);
    },
  );
});

describe('a function', () => {
  test('gets Origin as it was sent, and the request', () => {
    const rule = jest.fn(() => true);
    expect(allows(rule, 'HTTPS://Evil.example')).toBe(true);
    expect(rule).toHaveBeenCalledWith('HTTPS://Evil.example', request);
    expect(allows(() => false, 'https://example.com')).toBe(false);
  });

  test.each([[undefined], [1], ['yes'], [Promise.resolve(false)]])(
    'the answer %p is a mistake, not a yes',
    (answer) => {
      expect(() => allows((() => answer) as never, 'https://a')).toThrow(UsageError);
    },
  );
});

test.each(['all', '', 1, null, {}, true])('the option %j is a mistake', (option) => {
  expect(() => parseOriginRule(option as never)).toThrow(UsageError);
});
