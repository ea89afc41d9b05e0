import { refused } from '../../../src/handshake/verdict.js';

test('a refusal carries fields only when it has any', () => {
  expect(refused(403, 'No.')).toEqual({ accepted: false, status: 403, why: 'No.' });
  expect(refused(405, 'No.', { Allow: 'GET' })).toEqual({
    accepted: false,
    status: 405,
    why: 'No.',
    headers: { Allow: 'GET' },
  });
});
