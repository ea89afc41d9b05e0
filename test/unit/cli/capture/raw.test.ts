/** Raw bytes of one direction: who sent them, and what is in front. */
import { CaptureError, rawCapture } from '../../../../src/cli/capture/raw.js';

const latin1 = (text: string) => Buffer.from(text, 'latin1');

test('the mask bit of the first frame tells the sender, unless the user does', () => {
  expect(rawCapture(latin1('\x81\x80....'))).toMatchObject({ from: 'client', extensions: null });
  expect(rawCapture(latin1('\x81\x00')).from).toBe('server');
  expect(rawCapture(latin1('\x81\x00'), 'client').from).toBe('client');
});

test('a head is skipped, tells the sender, and a 101 what was agreed on', () => {
  const head = 'HTTP/1.1 101 Switching Protocols\r\nSec-WebSocket-Extensions: permessage-deflate\r\n\r\n';
  expect(rawCapture(latin1(`${head}\x81\x00`))).toEqual({
    from: 'server',
    bytes: latin1('\x81\x00'),
    extensions: 'permessage-deflate',
  });
  const request = rawCapture(latin1('GET / HTTP/1.1\r\nSec-WebSocket-Extensions: permessage-deflate\r\n\r\n'));
  expect(request).toEqual({ from: 'client', bytes: Buffer.alloc(0), extensions: null });
});

test('a head without an end is no capture', () => {
  expect(() => rawCapture(latin1('GET / HTTP/1.1\r\nHost: h\r\n'))).toThrow(CaptureError);
});
