import { type ClientOptions, parseClientOptions } from '../../../src/handshake/client-options.js';

const parse = (options?: ClientOptions, url = 'ws://host') => parseClientOptions(url, options);
const usage = expect.objectContaining({ code: 'ERR_WS_USAGE' });

test('the defaults', () => {
  expect(parse()).toEqual({
    target: expect.objectContaining({ href: 'ws://host/' }),
    fields: [],
    subprotocols: [],
    extensions: [],
    acceptExtensions: undefined,
    handshakeTimeoutMs: 10_000,
    maxRedirects: 0,
  });
});

test('what comes out is frozen, and later changes by the caller do not reach it', () => {
  const subprotocols = ['a'];
  const cookies = ['x=1'];
  const parameters = [{ name: 'p', value: null }];
  const settings = parse({ subprotocols, headers: { Cookie: cookies }, extensions: [{ name: 'e', parameters }] });
  subprotocols.push('b');
  cookies.push('y=2');
  parameters.push({ name: 'q', value: null });
  expect(settings).toMatchObject({ subprotocols: ['a'], fields: [['Cookie', 'x=1']] });
  expect(settings.extensions[0]?.parameters).toHaveLength(1);
  for (const part of [settings, settings.fields, settings.subprotocols, settings.extensions, settings.target]) {
    expect(Object.isFrozen(part)).toBe(true);
  }
});

describe('headers', () => {
  test('one line for a string, several for an array, then those of the other options', () => {
    const headers = { 'X-One': '1', 'x-two': ['a', 'b'], ['__proto__']: 'p' };
    expect(parse({ headers, origin: 'https://site' }, 'ws://u:p@host').fields).toEqual([
      ['X-One', '1'],
      ['x-two', 'a'],
      ['x-two', 'b'],
      ['__proto__', 'p'],
      ['Origin', 'https://site'],
      ['Authorization', 'Basic dTpw'],
    ]);
  });

  test('values may be latin1 and empty', () => {
    expect(parse({ headers: { a: '', b: '\t caf\u00e9' } }).fields).toHaveLength(2);
  });

  test.each(['Upgrade', 'connection', 'SEC-WEBSOCKET-KEY', 'Sec-WebSocket-Anything', 'Content-Length', 'Expect'])(
    '%s belongs to the handshake',
    (name) => {
      expect(() => parse({ headers: { [name]: 'x' } })).toThrow(usage);
    },
  );

  test.each(['', 'a b', 'a:', 'a\r\nb', 'caf\u00e9', '\0'])('%j is not a name', (name) => {
    expect(() => parse({ headers: { [name]: 'x' } })).toThrow('must be a token');
  });

  test.each(['a\r\nb: c', '\r', '\n', '\0', '\x7f', '\u0100', '\ud83d\ude00'])('%j is not a value', (value) => {
    expect(() => parse({ headers: { a: value } })).toThrow(usage);
    expect(() => parse({ headers: { a: ['fine', value] } })).toThrow(usage);
    expect(() => parse({ origin: value })).toThrow(usage);
  });

  test.each([7, null, {}, [1]])('%j is not a value', (value) => {
    const headers: Record<string, string> = JSON.parse(JSON.stringify({ a: value }));
    expect(() => parse({ headers })).toThrow(usage);
  });

  test('nothing is given twice', () => {
    expect(() => parse({ headers: { cookie: 'a', Cookie: 'b' } })).toThrow('given twice');
    expect(() => parse({ headers: { origin: 'a' }, origin: 'b' })).toThrow('given twice');
    expect(() => parse({ headers: { authorization: 'a' } }, 'ws://u:p@host')).toThrow('given twice');
    expect(() => parse({ headers: { Host: ['a', 'b'] } })).toThrow('one Host');
  });
});

describe('subprotocols', () => {
  test('a single one need not be in a list', () => {
    expect(parse({ subprotocols: 'chat' }).subprotocols).toEqual(['chat']);
    expect(parse({ subprotocols: ['b', 'a', '__proto__'] }).subprotocols).toEqual(['b', 'a', '__proto__']);
  });

  test.each(['', 'a b', 'a,b', 'a\r\nb', '\0', 'caf\u00e9', '"a"'])('%j is not a token', (name) => {
    expect(() => parse({ subprotocols: name })).toThrow(usage);
    expect(() => parse({ subprotocols: ['fine', name] })).toThrow(usage);
  });

  test.each([7, null, {}, [1]])('%j is none', (value) => {
    const options: ClientOptions = JSON.parse(JSON.stringify({ subprotocols: [value] }));
    expect(() => parse(options)).toThrow(usage);
  });

  test('each is offered once', () => {
    expect(() => parse({ subprotocols: ['a', 'b', 'a'] })).toThrow('twice');
  });
});

test.each(['a b', 'a\r\nb', ''])('an extension called %j is refused', (name) => {
  expect(() => parse({ extensions: [{ name, parameters: [] }] })).toThrow(usage);
  expect(() => parse({ extensions: [{ name: 'e', parameters: [{ name: 'p', value: name }] }] })).toThrow(usage);
});

test.each([1, 0.5, 2 ** 31 - 1, Number.POSITIVE_INFINITY])('handshakeTimeoutMs may be %d', (value) => {
  expect(parse({ handshakeTimeoutMs: value }).handshakeTimeoutMs).toBe(value);
});

test.each([0, -1, Number.NaN, 2 ** 31, Number.NEGATIVE_INFINITY])('handshakeTimeoutMs may not be %d', (value) => {
  expect(() => parse({ handshakeTimeoutMs: value })).toThrow(usage);
});

test.each([
  [false, 0],
  [true, 10],
  [3, 3],
  [0, 0],
  [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY],
])('followRedirects %s is %d redirects', (value, count) => {
  expect(parse({ followRedirects: value }).maxRedirects).toBe(count);
});

test.each([-1, 1.5, Number.NaN])('followRedirects may not be %d', (value) => {
  expect(() => parse({ followRedirects: value })).toThrow(usage);
});
