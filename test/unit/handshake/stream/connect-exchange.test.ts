import { once } from 'node:events';
import http2, { type ServerHttp2Stream } from 'node:http2';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { violation } from '../../../../src/errors.js';
import type { Http2Fields } from '../../../../src/handshake/connect-response.js';
import { connectExchange, isUnprocessed } from '../../../../src/handshake/stream/connect-exchange.js';
import { Http2Transport } from '../../../../src/handshake/stream/http2-transport.js';
import { connectFields, http2Session } from '../../../support/http2.js';
import { received } from '../../../support/received.js';
import { afterTest } from '../../../support/web-sockets.js';

const OFFER = { key: '', subprotocols: ['a'], extensions: [] };

/** Asks a server that answers by hand. */
async function exchanged(
  answer: (stream: ServerHttp2Stream) => void,
  changes = {},
  signal = new AbortController().signal,
) {
  const http = http2.createServer({ settings: { enableConnectProtocol: true } });
  http.on('stream', (stream) => answer(stream.on('error', () => {})));
  http.listen(0, '127.0.0.1');
  await once(http, 'listening');
  afterTest(() => http.close());
  const session = await http2Session(`http://127.0.0.1:${(http.address() as AddressInfo).port}`);
  const released = jest.fn();
  const fields = connectFields(changes) as Http2Fields;
  return { session, released, outcome: connectExchange(session, fields, OFFER, signal, released) };
}

test.each([200, 201, 299])('%i opens the stream, which is released when it is over', async (status) => {
  const { outcome, released } = await exchanged((stream) => {
    stream.respond({ ':status': status, 'sec-websocket-protocol': 'a' });
    stream.pipe(stream);
  });
  const answer = await outcome;
  if (answer.kind !== 'upgraded') throw new Error('It was not.');
  expect(answer.subprotocol).toBe('a');
  expect(answer.response).toMatchObject({ statusCode: status, httpVersion: '2.0' });
  expect(answer.socket).toBeInstanceOf(Http2Transport);
  expect(released).not.toHaveBeenCalled();
  answer.socket.end('echo');
  expect(await received(answer.socket)).toBe('echo');
  while (released.mock.calls.length === 0) await new Promise(setImmediate);
  expect(released).toHaveBeenCalledTimes(1);
});

test('another status is an answer with its body', async () => {
  const { outcome } = await exchanged((stream) => {
    stream.respond({ ':status': 403 });
    stream.end('no');
  });
  const answer = await outcome;
  if (answer.kind !== 'answered') throw new Error('It was opened.');
  expect(answer.response.statusCode).toBe(403);
  expect(await text(answer.response)).toBe('no');
});

test.each([
  ['a subprotocol that was not offered', { 'sec-websocket-protocol': 'b' }],
  ['an extension that was not offered', { 'sec-websocket-extensions': 'x' }],
])('a 200 with %s is refused, and the stream reset', async (_, headers) => {
  const { outcome, released } = await exchanged((stream) => stream.respond({ ':status': 200, ...headers }));
  await expect(outcome).rejects.toMatchObject({ code: 'ERR_WS_HANDSHAKE_INVALID', status: 200 });
  while (released.mock.calls.length === 0) await new Promise(setImmediate);
});

test('a head over 16 KiB is no answer, and the stream is reset', async () => {
  const { outcome, released } = await exchanged((stream) => stream.respond({ ':status': 200, x: 'a'.repeat(16_384) }));
  await expect(outcome).rejects.toThrow('its head is larger than 16384 bytes');
  while (released.mock.calls.length === 0) await new Promise(setImmediate);
});

test.each([http2.constants.NGHTTP2_CANCEL, http2.constants.NGHTTP2_REFUSED_STREAM, http2.constants.NGHTTP2_NO_ERROR])(
  'a reset with %i instead of an answer is a failure',
  async (code) => {
    const { outcome } = await exchanged((stream) => stream.close(code));
    const error: unknown = await outcome.catch((reason: unknown) => reason);
    expect(error).toMatchObject({ code: 'ERR_WS_UNREACHABLE' });
    expect(isUnprocessed(error)).toBe(code === http2.constants.NGHTTP2_REFUSED_STREAM);
  },
);

test('the signal gives up, before and after the request was sent', async () => {
  const controller = new AbortController();
  const { outcome } = await exchanged(() => controller.abort(new Error('enough')), {}, controller.signal);
  await expect(outcome).rejects.toThrow('enough');
  const late = await exchanged(() => {}, {}, controller.signal);
  await expect(late.outcome).rejects.toThrow('enough');
});

test('what Node does not send is a UsageError; a session that is gone is one that did nothing', async () => {
  const { session, outcome } = await exchanged(() => {}, { connection: 'x' });
  await expect(outcome).rejects.toMatchObject({ code: 'ERR_WS_USAGE' });
  session.close();
  const released = jest.fn();
  const late = connectExchange(session, {}, OFFER, new AbortController().signal, released);
  const error: unknown = await late.catch((reason: unknown) => reason);
  expect(isUnprocessed(error)).toBe(true);
  expect(released).toHaveBeenCalledTimes(1);
});

test('other errors say nothing about the stream', () => {
  expect(isUnprocessed(new Error('REFUSED_STREAM'))).toBe(false);
  expect(isUnprocessed(violation('UNREACHABLE'))).toBe(false);
});
