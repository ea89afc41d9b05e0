import { MAX_PIECES, parseCommand } from '../../../src/demo/commands.js';

test.each([
  ['{"type":"ping"}', { type: 'ping' }],
  ['{"type":"pause","more":1}', { type: 'pause' }],
  ['{"type":"resume"}', { type: 'resume' }],
  ['{"type":"lab","case":"stray"}', { type: 'lab', case: 'stray' }],
  ['{"type":"fragments","pieces":0}', { type: 'fragments', pieces: 0 }],
  [`{"type":"fragments","pieces":${MAX_PIECES}}`, { type: 'fragments', pieces: MAX_PIECES }],
])('%s is a command', (line, command) => {
  expect(parseCommand(line)).toEqual(command);
});

test.each([
  '',
  'ping',
  'null',
  '[]',
  '{"type":"quit"}',
  '{"type":"lab","case":7}',
  '{"type":"fragments"}',
  '{"type":"fragments","pieces":1}',
  '{"type":"fragments","pieces":2.5}',
  `{"type":"fragments","pieces":${MAX_PIECES + 1}}`,
])('%j is answered with a sentence', (line) => {
  expect(parseCommand(line)).toMatch(/^[A-Z].*\.$/);
});

test('a binary message is no command', () => {
  expect(parseCommand(Buffer.from('{"type":"ping"}'))).toMatch(/text message/);
});
