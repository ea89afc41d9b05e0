import fc from 'fast-check';
import { open, seal } from '../../../src/backplane/envelope.js';
import { hex } from '../../support/wire.js';

const STAMP = { writer: 'AbCd-_09', number: 2 ** 40 + 7 };

const messages = fc.oneof(
  fc.string({ unit: 'grapheme' }),
  fc.string({ unit: 'binary-ascii' }),
  fc.uint8Array().map((bytes) => Buffer.from(bytes)),
);

test('what is sealed comes out as it was, with its stamp or without', () => {
  fc.assert(
    fc.property(messages, fc.constantFrom(null, STAMP), (message, stamp) => {
      expect(open(seal(message, stamp))).toEqual({ message, stamp });
    }),
  );
});

test('text is itself, for every other program', () => {
  expect(seal('{"a":1}')).toEqual(Buffer.from('{"a":1}'));
  expect(seal('')).toEqual(Buffer.alloc(0));
});

test('marks: binary, text that looks like a mark, a stamp', () => {
  expect(seal(hex`00 ff`)).toEqual(hex`02 00ff`);
  expect(seal('\u0003x')).toEqual(hex`01 03 78`);
  expect(seal('hi', STAMP)).toEqual(hex`03 416243642d5f3039 010000000007 6869`);
});

test('what others publish is text when it is UTF-8, and bytes when it is not', () => {
  expect(open(Buffer.from('Grüße'))).toEqual({ message: 'Grüße', stamp: null });
  expect(open(hex`ff fe`)).toEqual({ message: hex`ff fe`, stamp: null });
  expect(open(hex`01 ff`)).toEqual({ message: hex`ff`, stamp: null });
});

test('a stamp that is cut off is none', () => {
  for (let size = 1; size < 15; size++) expect(open(seal('', STAMP).subarray(0, size)).stamp).toBeNull();
});

test('the caller may reuse its memory', () => {
  const mine = Buffer.from('abc');
  const sealed = seal(mine);
  mine.fill(0);
  expect(open(sealed).message).toEqual(Buffer.from('abc'));
});
