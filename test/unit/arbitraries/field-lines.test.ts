import fc from 'fast-check';
import { changed, handshakeKeys, spelled, tokens } from '../../../src/arbitraries/field-lines.js';
import { isToken } from '../../../src/handshake/field-list.js';

test('a key is 16 bytes of canonical base64', () => {
  fc.assert(fc.property(handshakeKeys(), (key) => /^[A-Za-z0-9+/]{21}[AQgw]==$/.test(key)));
});

test('tokens are tokens, and __proto__ is among them', () => {
  fc.assert(fc.property(tokens(), isToken));
  expect(fc.sample(tokens(), 300)).toContain('__proto__');
});

test('a spelling changes the case of names, order and white space, and nothing else', () => {
  const lines = [
    ['Host', 'a'],
    ['Upgrade', 'b'],
    ['Upgrade', 'c'],
  ] as const;
  const law = fc.property(spelled('GET / HTTP/1.1', lines), ({ rawHeaders, bytes }) => {
    const [start, ...rest] = bytes.toString().split('\r\n');
    expect([start, ...rest.slice(-2)]).toEqual(['GET / HTTP/1.1', '', '']);
    const parsed = rest.slice(0, -2).map((line) => /^(.*?):[ \t]*(.*?)[ \t]*$/.exec(line)?.slice(1));
    expect(parsed.flat()).toEqual(rawHeaders);
    expect(parsed.map((pair) => pair?.join('=').toLowerCase()).sort()).toEqual(['host=a', 'upgrade=b', 'upgrade=c']);
  });
  fc.assert(law);
});

test('changed lines replace, vanish and multiply', () => {
  const lines = [
    ['A', '1'],
    ['B', '2'],
  ] as const;
  expect(changed(lines, { A: ['3', '4'], B: null, C: '5' })).toEqual([
    ['A', '3'],
    ['A', '4'],
    ['C', '5'],
  ]);
});
