/** What is typed into a session. */
import { parseSessionLine } from '../../../src/cli/session-command.js';
import { UsageError } from '../../../src/errors.js';

test.each([
  ['hello', { do: 'send', message: 'hello' }],
  [' /x', { do: 'send', message: ' /x' }],
  ['//slash', { do: 'send', message: '/slash' }],
  ['', { do: 'nothing' }],
  ['/help', { do: 'help' }],
  ['/?', { do: 'help' }],
  ['/ping', { do: 'ping', payload: undefined }],
  ['/ping are you there', { do: 'ping', payload: 'are you there' }],
  ['/binary ff 00', { do: 'send', message: Buffer.from([0xff, 0]) }],
  ['/close', { do: 'close', code: 1000, reason: '' }],
  ['/close 4001 see you', { do: 'close', code: 4001, reason: 'see you' }],
])('%j', (line, command) => {
  expect(parseSessionLine(line)).toEqual(command);
});

test.each([
  '/nope',
  '/binary f',
  '/close 1005',
  '/close bye',
  '/close 5000',
  `/ping ${'x'.repeat(126)}`,
  `/close 1000 ${'x'.repeat(124)}`,
])('%s is refused in words', (line) => {
  expect(() => parseSessionLine(line)).toThrow(UsageError);
});
