import { Shared } from '../../../src/duplex/shared.js';
import { WebSocketDuplex } from '../../../src/duplex/websocket-duplex.js';
import { UsageError } from '../../../src/errors.js';
import { compression } from '../../support/deflate.js';

test('options are parsed at once, by the same rules', () => {
  expect(new Shared({ maxMessageBytes: 10 }).settings).toMatchObject({ maxMessageBytes: 10, readAs: 'message' });
  expect(() => new Shared({ maxMessageBytes: -1 })).toThrow(UsageError);
});

test('a clock and contexts only where they are used, and those that were given first', () => {
  expect(new Shared({ keepAlive: false })).toMatchObject({ clock: null, compression: null });
  expect(new Shared({}).clock).not.toBeNull();
  expect(new Shared({ deflate: true }).compression).not.toBeNull();
  const given = compression();
  expect(new Shared({ deflate: true }, given).compression).toBe(given);
});

test('a socket takes what was made of the options already, and no other word of them', () => {
  const shared = new Shared({ readAs: 'bytes', keepAlive: false });
  const ws = new WebSocketDuplex({ role: 'server', shared, readAs: 'message' });
  expect(ws.readableObjectMode).toBe(false);
});
