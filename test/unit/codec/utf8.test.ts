import { isUtf8 } from 'node:buffer';
import fc from 'fast-check';
import { decodeUtf8, encodeUtf8, encodeUtf8Into, isWholeText, Utf8Validator } from '../../../src/codec/utf8.js';
import { almostUtf8 } from '../../support/arbitraries.js';
import { byteByByte, cutAt, hex } from '../../support/wire.js';

/** What the platform says: the text, or null. */
function platformText(bytes: Uint8Array): string | null {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return null;
  }
}

/** Enough continuations to complete any prefix that can be completed: the ranges of RFC 3629 §4 meet in these. */
const COMPLETIONS = [
  hex``,
  ...[0x80, 0x90, 0xbf].flatMap((byte) =>
    [hex``, hex`80`, hex`8080`].map((rest) => hex`${Buffer.from([byte])}${rest}`),
  ),
];

/** The first index whose byte no text can have, by trying to complete every prefix; -1 when there is none. */
function firstBadIndex(bytes: Buffer): number {
  for (let size = 1; size <= bytes.length; size++) {
    const prefix = bytes.subarray(0, size);
    const viable = COMPLETIONS.some((completion) => platformText(Buffer.concat([prefix, completion])) !== null);
    if (!viable) return size - 1;
  }
  return -1;
}

/** The index that the validator reports for the whole text, and whether it may end there. */
function judge(chunks: readonly Buffer[]): { bad: number; complete: boolean } {
  const validator = new Utf8Validator();
  let before = 0;
  for (const chunk of chunks) {
    const bad = validator.push(chunk);
    if (bad !== -1) return { bad: before + bad, complete: false };
    before += chunk.length;
  }
  return { bad: -1, complete: validator.complete };
}

test('the validator accepts what TextDecoder accepts, and reports the first byte that no text can have', () => {
  const law = fc.property(almostUtf8(), (bytes) => {
    const bad = firstBadIndex(bytes);
    expect(judge([bytes])).toEqual({ bad, complete: bad === -1 && platformText(bytes) !== null });
  });
  fc.assert(law, { numRuns: 400 });
});

test('the verdict is the same at every cut', () => {
  const law = fc.property(almostUtf8(5), (bytes) => {
    const whole = judge([bytes]);
    const verdicts = new Set([judge(byteByByte(bytes))].map((verdict) => JSON.stringify(verdict)));
    for (let at = 0; at <= bytes.length; at++) verdicts.add(JSON.stringify(judge(cutAt(bytes, [at]))));
    expect([...verdicts]).toEqual([JSON.stringify(whole)]);
  });
  fc.assert(law, { numRuns: 200 });
});

test('every lead byte before every second byte is judged as TextDecoder judges it', () => {
  const wrong: string[] = [];
  for (let pair = 0x8000; pair <= 0xffff; pair++) {
    const bytes = Buffer.from([pair >> 8, pair & 255]);
    // Completed as far as its lead byte asks, so that only the pair decides.
    const lead = pair >> 8;
    const padded = Buffer.concat([bytes, Buffer.alloc(lead >= 0xf0 ? 2 : lead >= 0xe0 ? 1 : 0, 0x80)]);
    const { bad, complete } = judge([padded]);
    if ((bad === -1 && complete) !== (platformText(padded) !== null)) wrong.push(padded.toString('hex'));
  }
  expect(wrong).toEqual([]);
});

test.each([
  ['an overlong slash', hex`c0af`, 0],
  ['an overlong NUL in three bytes', hex`e08080`, 1],
  ['an overlong form in four bytes', hex`f0808080`, 1],
  ['a surrogate', hex`eda080`, 1],
  ['above U+10FFFF', hex`f4908080`, 1],
  ['a lead byte that never is one', hex`f5`, 0],
  ['a continuation without a lead', hex`4180`, 1],
  ['a lead within a character', hex`e282e2`, 2],
])('%s fails at its first impossible byte', (_, bytes, index) => {
  expect(judge([bytes]).bad).toBe(index);
  for (const size of [31, 32, 33, 64]) {
    expect(judge([Buffer.concat([Buffer.alloc(size, 'a'), bytes, Buffer.alloc(40, 'b')])]).bad).toBe(size + index);
  }
});

test('a text may not end within a character, but may stop there', () => {
  const euro = hex`e282ac`;
  const validator = new Utf8Validator();
  const seen = Array.from(euro, (byte) => [validator.push(Buffer.from([byte])), validator.complete]);
  expect(seen).toEqual([
    [-1, false],
    [-1, false],
    [-1, true],
  ]);
});

test('after reset the next text starts afresh, within a character or after a bad byte', () => {
  const validator = new Utf8Validator();
  for (const bytes of [hex`e282`, hex`ff`]) {
    validator.push(bytes);
    validator.reset();
    expect([validator.complete, validator.push(hex`41`)]).toEqual([true, -1]);
  }
});

test('only the bytes from start to end are judged, and indexes count from the start of the buffer', () => {
  const bytes = hex`ff 41 ff ff`;
  const validator = new Utf8Validator();
  expect(validator.push(bytes, 1, 2)).toBe(-1);
  expect(validator.push(bytes, 1, 4)).toBe(2);
});

test('decodeUtf8 gives the text that TextDecoder gives, or null; U+FFFD itself and a byte order mark are text', () => {
  const law = fc.property(almostUtf8(), (bytes) => {
    const framed = Buffer.concat([hex`ff`, bytes, hex`ff`]);
    expect(decodeUtf8(framed, 1, 1 + bytes.length)).toBe(platformText(bytes));
  });
  fc.assert(law, { numRuns: 200, examples: [[hex`efbfbd`], [hex`efbbbf41`], [hex`efbfbd ff`]] });
});

test('isWholeText says of any bytes what Node says, whatever lies around them', () => {
  const law = fc.property(fc.oneof(almostUtf8(), fc.uint8Array({ maxLength: 40 })), (bytes) => {
    const framed = hex`e2 ${bytes} ac`;
    expect(isWholeText(framed, 1, 1 + bytes.length)).toBe(isUtf8(bytes));
  });
  fc.assert(law, { numRuns: 400, examples: [[hex``], [hex`ff`], [hex`e282`]] });
});

test('isWholeText says of each part of a text what Node says, short or long', () => {
  const bytes = Buffer.from('aé€🚀'.repeat(5));
  for (let start = 0; start < bytes.length; start++) {
    for (let end = start; end <= bytes.length; end++) {
      expect(isWholeText(bytes, start, end)).toBe(isUtf8(bytes.subarray(start, end)));
    }
  }
});

test.each(['', 'ascii', 'é', 'a\u00ff', 'snow \u2603', 'rocket \u{1f680}', 'half \ud83d', 'x'.repeat(100_000)])(
  'encodeUtf8 gives the bytes that TextEncoder gives, in memory that is given, too',
  (text) => {
    const bytes = new TextEncoder().encode(text);
    expect(encodeUtf8(text).equals(bytes)).toBe(true);
    expect(encodeUtf8Into(Buffer.alloc(bytes.length + 3, '?'), text, bytes.length).equals(bytes)).toBe(true);
  },
);
