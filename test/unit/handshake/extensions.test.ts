import fc from 'fast-check';
import { UsageError } from '../../../src/errors.js';
import type { Extension } from '../../../src/handshake/extensions.js';
import { formatExtensions, parseExtensions } from '../../../src/handshake/extensions.js';

const token = fc.string({ unit: fc.constantFrom(...'aZ09!#$-._~'), minLength: 1, maxLength: 12 });
const parameter = fc.record({ name: token, value: fc.option(token) });
const extension: fc.Arbitrary<Extension> = fc.record({
  name: token,
  parameters: fc.array(parameter, { maxLength: 4 }),
});

const bare = (name: string): Extension => ({ name, parameters: [] });

describe('parseExtensions', () => {
  test('names, parameters and values, in the order of the wire', () => {
    expect(parseExtensions('permessage-deflate; client_max_window_bits; server_max_window_bits=10, foo')).toEqual([
      {
        name: 'permessage-deflate',
        parameters: [
          { name: 'client_max_window_bits', value: null },
          { name: 'server_max_window_bits', value: '10' },
        ],
      },
      bare('foo'),
    ]);
  });

  test('duplicates are kept: whether they are legal is the business of the extension', () => {
    expect(parseExtensions('a; x=1; x=2, a')).toEqual([
      {
        name: 'a',
        parameters: [
          { name: 'x', value: '1' },
          { name: 'x', value: '2' },
        ],
      },
      bare('a'),
    ]);
  });

  test.each(['a;x="10"', 'a; x = "10"', 'a;x="\\10"', 'a;x="1\\0"', ' a ;\tx=10 '])(
    '%j: a quoted value is worth what it quotes',
    (value) => {
      expect(parseExtensions(value)).toEqual([{ name: 'a', parameters: [{ name: 'x', value: '10' }] }]);
    },
  );

  test.each([
    'a;x=""',
    'a;x="1 0"',
    'a;x="1,0"',
    'a;x="1;0"',
    'a;x="é"',
    'a;x="\\""',
    'a;x="10',
    'a;x="10\\',
    'a;x="10"0',
    'a;x="10""0"',
    '"a"',
    'a;',
    'a;;x',
    'a;=1',
    'a;x=',
    'a;x==1',
    'a b',
    'a;x y',
    ';x',
    'a/1',
    'a\0',
  ])('%j is malformed', (value) => {
    expect(parseExtensions(value)).toBeNull();
  });

  test.each(['', ' ', ',', ' , '])('%j lists nothing', (value) => {
    expect(parseExtensions(value)).toEqual([]);
  });

  test('names of Object.prototype are names like any other', () => {
    const wire = '__proto__; constructor=hasOwnProperty, toString';
    expect(parseExtensions(wire)).toEqual([
      { name: '__proto__', parameters: [{ name: 'constructor', value: 'hasOwnProperty' }] },
      bare('toString'),
    ]);
  });
});

describe('formatExtensions', () => {
  test('what is written is read back', () => {
    fc.assert(
      fc.property(fc.array(extension), (list) => {
        expect(parseExtensions(formatExtensions(list))).toEqual(list);
      }),
    );
  });

  test.each([
    bare(''),
    bare('a\r\nX: y'),
    bare('a b'),
    { name: 'a', parameters: [{ name: 'x;', value: null }] },
    { name: 'a', parameters: [{ name: 'x', value: '1\r\n' }] },
    { name: 'a', parameters: [{ name: 'x', value: '' }] },
  ])('%j is a mistake of the caller', (mistake) => {
    expect(() => formatExtensions([mistake])).toThrow(UsageError);
  });
});
