import { isUtf8 } from 'node:buffer';
import fc from 'fast-check';
import { almostUtf8, badUtf8, maskKeys, payloads, texts } from '../../../src/arbitraries/payloads.js';
import { Utf8Validator } from '../../../src/codec/utf8.js';

test('payloads keep to the limit and reach each edge below it', () => {
  const lengths = fc.sample(payloads({ maxBytes: 126 }), 2_000).map(({ length }) => length);
  expect(Math.max(...lengths)).toBe(126);
  expect(new Set(lengths)).toEqual(new Set([...lengths, 0, 1, 3, 4, 15, 16, 47, 48, 125]));
});

test('texts are whole characters within the limit', () => {
  const law = fc.property(texts({ maxBytes: 40 }), (text) => {
    expect(Buffer.byteLength(text)).toBeLessThanOrEqual(40);
    expect(Buffer.from(text).toString()).toBe(text);
  });
  fc.assert(law);
});

test('a masking key has four bytes', () => {
  fc.assert(fc.property(maskKeys(), (key) => key.length === 4));
});

test('bad UTF-8 is bad at its proof and not before, whatever characters stand around it', () => {
  const law = fc.property(texts(), badUtf8(), texts(), (before, { bytes, proof }, after) => {
    const whole = Buffer.concat([Buffer.from(before), bytes, Buffer.from(after)]);
    expect(new Utf8Validator().push(whole)).toBe(Buffer.byteLength(before) + proof);
  });
  fc.assert(law);
});

test('almost UTF-8 is sometimes UTF-8 and sometimes not', () => {
  const kinds = new Set(fc.sample(almostUtf8(), 300).map(isUtf8));
  expect(kinds).toEqual(new Set([true, false]));
});
