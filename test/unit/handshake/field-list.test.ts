import fc from 'fast-check';
import { isToken, parseTokenList } from '../../../src/handshake/field-list.js';

const token = fc.string({ unit: fc.constantFrom(..."aZ09!#$%&'*+-.^_`|~"), minLength: 1, maxLength: 12 });
const space = fc.string({ unit: fc.constantFrom(' ', '\t'), maxLength: 3 });

describe('isToken', () => {
  test.each(['websocket', '13', 'x-y.z', "!#$%&'*+-.^_`|~", '__proto__'])('%j is one', (text) => {
    expect(isToken(text)).toBe(true);
  });

  test('every character outside RFC 9110 §5.6.2 ends it, whatever it stands next to', () => {
    const legal = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]$/;
    for (let code = 0; code < 0x180; code += 1) {
      const character = String.fromCharCode(code);
      expect(isToken(`a${character}b`)).toBe(legal.test(character));
      expect(isToken(character)).toBe(legal.test(character));
    }
  });

  test('an empty string is none', () => {
    expect(isToken('')).toBe(false);
  });
});

describe('parseTokenList', () => {
  test.each([
    ['chat', ['chat']],
    ['keep-alive, Upgrade', ['keep-alive', 'Upgrade']],
    ['a,b', ['a', 'b']],
    ['a , b\t,\tc', ['a', 'b', 'c']],
    ['a, a', ['a', 'a']],
    ['constructor, __proto__', ['constructor', '__proto__']],
  ])('%j is read in order, duplicates kept', (value, tokens) => {
    expect(parseTokenList(value)).toEqual(tokens);
  });

  test.each([
    ['', []],
    ['  ', []],
    [',', []],
    [', ,\t,', []],
    [' a, , b,', ['a', 'b']],
    [',a ', ['a']],
  ])('%j: empty elements are skipped (RFC 9110 §5.6.1)', (value, tokens) => {
    expect(parseTokenList(value)).toEqual(tokens);
  });

  test.each(['a b', 'a;b', '"a"', 'a/1', 'é', 'a\r\nb', 'a\0', '(comment)', 'a, b c'])('%j is malformed', (value) => {
    expect(parseTokenList(value)).toBeNull();
  });

  test('any tokens, however they are spaced, come back', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(space, token, space)), (elements) => {
        const wire = elements.map((element) => element.join('')).join(',');
        expect(parseTokenList(wire)).toEqual(elements.map(([, text]) => text));
      }),
    );
  });
});
