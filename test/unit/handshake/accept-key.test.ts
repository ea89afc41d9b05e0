import { acceptKey } from '../../../src/handshake/accept-key.js';

test('the vector of RFC 6455 §1.3', () => {
  expect(acceptKey('dGhlIHNhbXBsZSBub25jZQ==')).toBe('s3pPLMBiTxaQ9kYGzzhZRbK+xOo=');
});

test('different keys get different answers, always 28 characters', () => {
  const answers = ['AAAAAAAAAAAAAAAAAAAAAA==', 'AAAAAAAAAAAAAAAAAAAAAQ==', ''].map(acceptKey);
  expect(new Set(answers).size).toBe(3);
  expect(answers.every((answer) => answer.length === 28)).toBe(true);
});
