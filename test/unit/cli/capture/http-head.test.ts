/** Heads in captured bytes. */
import {
  extensionsOf,
  fieldOf,
  firstLine,
  headEnd,
  headLine,
  isUpgrade,
} from '../../../../src/cli/capture/http-head.js';

const HEAD = Buffer.from(
  'HTTP/1.1 101 Switching Protocols\r\nUPGRADE: WebSocket\r\nSec-WebSocket-Extensions: a; b=1\r\nsec-websocket-extensions:c\r\n\r\nrest',
);

test('a head is told from frames', () => {
  expect(headLine(HEAD, 0)).toBe('response');
  for (const request of ['GET / HTTP/1.1', 'CONNECT h:1 HTTP/1.1', 'OPTIONS * HTTP/1.1'])
    expect(headLine(Buffer.from(request), 0)).toBe('request');
  for (const frames of ['', '\x81\x05Hello', 'get', 'GET', '\x41\x05HTTP/'])
    expect(headLine(Buffer.from(frames, 'latin1'), 0)).toBeNull();
});

test('it ends after its blank line, or not at all', () => {
  expect(HEAD.toString('latin1', headEnd(HEAD, 0))).toBe('rest');
  expect(headEnd(HEAD.subarray(0, -6), 0)).toBe(-1);
  expect(headEnd(Buffer.concat([Buffer.alloc(70_000), HEAD]), 0)).toBe(-1);
});

test('fields are found in any case, and repeated ones are one list', () => {
  expect(firstLine(HEAD)).toBe('HTTP/1.1 101 Switching Protocols');
  expect([fieldOf(HEAD, 'upgrade'), fieldOf(HEAD, 'host')]).toEqual(['WebSocket', null]);
  expect(extensionsOf(HEAD)).toBe('a; b=1, c');
  expect([isUpgrade(HEAD), isUpgrade(Buffer.from('GET / HTTP/1.1\r\nUpgrade: h2c\r\n\r\n'))]).toEqual([true, false]);
});
