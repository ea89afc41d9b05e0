import { BackplaneError } from '../../../src/backplane/backplane-error.js';

test('has a code, and the error of the client as its cause', () => {
  const cause = new Error('no');
  const error = new BackplaneError('REFUSED', 'It says no.', { cause });
  expect(error).toMatchObject({ name: 'BackplaneError', code: 'ERR_BACKPLANE_REFUSED', message: 'It says no.', cause });
  expect(error).toBeInstanceOf(Error);
});
