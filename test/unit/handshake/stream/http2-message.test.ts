import { once } from 'node:events';
import { IncomingMessage } from 'node:http';
import { text } from 'node:stream/consumers';
import { http2Answer, http2Request, http2Response } from '../../../../src/handshake/stream/http2-message.js';
import { http2Stream } from '../../../support/http2.js';

const REQUEST = { method: 'CONNECT', target: '/chat?x', httpVersion: '2.0' } as const;

async function request(rawHeaders: readonly string[] = ['host', 'a', 'x', '1', 'x', '2', '__proto__', 'z']) {
  const pair = await http2Stream();
  return { ...pair, message: http2Request(pair.theirs, { ...REQUEST, rawHeaders }) };
}

test('what reads requests of HTTP/1.1 reads this one', async () => {
  const { message } = await request();
  expect(message).toBeInstanceOf(IncomingMessage);
  expect(message).toMatchObject({ method: 'CONNECT', url: '/chat?x', httpVersion: '2.0', httpVersionMajor: 2 });
  expect(message.headers.host).toBe('a');
  expect(message.headers['x']).toBe('1, 2');
  expect(message.headersDistinct['x']).toEqual(['1', '2']);
  expect(Object.keys(message.headers)).not.toContain('__proto__');
  expect(message.rawHeaders).toHaveLength(8);
  expect(await text(message)).toBe('');
});

test('its socket tells where it comes from while there is a connection, and nothing afterwards', async () => {
  const { message, session, theirs } = await request();
  const { socket } = message;
  expect(socket.remoteAddress).toBe('127.0.0.1');
  expect(socket.remotePort).toBeGreaterThan(0);
  expect(socket.address()).toMatchObject({ address: '127.0.0.1' });
  theirs.on('error', () => {});
  session.destroy();
  await once(theirs, 'close');
  expect(socket.remoteAddress).toBeUndefined();
  expect(socket.destroyed).toBe(true);
});

test('destroying its socket resets this stream, and not its neighbours', async () => {
  const { message, ours, session } = await request();
  message.socket.destroy();
  await once(ours, 'close');
  expect(ours.rstCode).toBe(8);
  expect(session.destroyed).toBe(false);
});

test('a response has a status, and the body of its stream', async () => {
  const { ours, theirs } = await http2Stream();
  const message = http2Answer(ours, {
    status: 403,
    httpVersion: '2.0',
    rawHeaders: ['set-cookie', 'a', 'set-cookie', 'b'],
  });
  theirs.end('no');
  expect(message.statusCode).toBe(403);
  expect(message.headers['set-cookie']).toEqual(['a', 'b']);
  expect(await text(message)).toBe('no');
});

test('a response that is cut off ends, too', async () => {
  const { ours, theirs } = await http2Stream();
  const message = http2Answer(ours, { status: 500, httpVersion: '2.0', rawHeaders: [] });
  theirs.write('half');
  theirs.session?.destroy();
  ours.on('error', () => {});
  expect(await text(message)).toMatch(/^(half)?$/);
});

test('the response that opens a WebSocket has no body: the stream goes on', async () => {
  const { ours, theirs } = await http2Stream();
  const message = http2Response(ours, { status: 200, httpVersion: '2.0', rawHeaders: ['x', '1'] });
  expect(message).toMatchObject({ statusCode: 200, httpVersion: '2.0', headers: { x: '1' } });
  expect(await text(message)).toBe('');
  theirs.write('goes on');
  expect(String((await once(ours, 'data'))[0])).toBe('goes on');
});
