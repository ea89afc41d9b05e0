/** The format of a recorded session. */
import { closeCodeOf, messageEvent, parseEvent, parseHeader } from '../../../src/cli/session-file.js';
import { UsageError } from '../../../src/errors.js';

const HEADER = {
  framepipe: 'session',
  version: 1,
  url: 'ws://h/',
  subprotocol: null,
  startedAt: '2026-01-01T00:00:00Z',
};

test('a header is read, and what is none is refused', () => {
  expect(parseHeader(JSON.stringify(HEADER))).toEqual(HEADER);
  for (const bad of [
    '',
    '[',
    '1',
    '{}',
    JSON.stringify({ ...HEADER, version: 2 }),
    JSON.stringify({ ...HEADER, url: 1 }),
  ]) {
    expect(() => parseHeader(bad)).toThrow(UsageError);
  }
});

test('a message is read back as it was written', () => {
  for (const message of ['wörld', Buffer.from([0, 255])]) {
    const event = messageEvent(1.234, 'server', message);
    expect(parseEvent(JSON.stringify(event), 2)).toEqual(event);
    expect(event.ms).toBe(1.2);
  }
});

test.each([
  '{}',
  'x',
  '{"ms":-1,"from":"client","type":"text","text":""}',
  '{"ms":1,"from":"nobody","type":"text","text":""}',
  '{"ms":1,"from":"client","type":"text"}',
  '{"ms":1,"from":"client","type":"close","code":"1000","reason":""}',
])('%s is named by its line', (line) => {
  expect(() => parseEvent(line, 7)).toThrow(/Line 7/);
});

test('a code that must not be sent becomes 1000', () => {
  expect([1000, 4000, 1005, 1006].map((code) => closeCodeOf({ code }))).toEqual([1000, 4000, 1000, 1000]);
});
