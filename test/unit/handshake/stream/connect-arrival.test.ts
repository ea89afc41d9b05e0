import { once } from 'node:events';
import http2, { type ServerHttp2Stream } from 'node:http2';
import type { AddressInfo } from 'node:net';
import { connectJudge } from '../../../../src/handshake/judge-connect.js';
import { requestJudge } from '../../../../src/handshake/judge-request.js';
import { ConnectArrival } from '../../../../src/handshake/stream/connect-arrival.js';
import { bodyOf, connectFields, http2Session } from '../../../support/http2.js';
import { received } from '../../../support/received.js';
import { afterTest } from '../../../support/web-sockets.js';

const JUDGES = { upgrade: requestJudge(), connect: connectJudge({ subprotocols: ['a'] }) };

/** A request that waits at a server, and its client's side. */
async function arrive(
  changes: Readonly<Record<string, string | null>> = {},
  options: http2.ClientSessionRequestOptions = {},
) {
  const http = http2.createServer({ settings: { enableConnectProtocol: true } });
  afterTest(() => http.close());
  http.listen(0, '127.0.0.1');
  await once(http, 'listening');
  const session = await http2Session(`http://127.0.0.1:${(http.address() as AddressInfo).port}`);
  const ours = session.request(connectFields(changes), { endStream: false, ...options });
  ours.on('error', () => {});
  const [stream, , , raw] = (await once(http, 'stream')) as [ServerHttp2Stream, unknown, unknown, string[]];
  return { ours, stream, arrival: new ConnectArrival(stream, raw) };
}

function termsOf(arrival: ConnectArrival) {
  const terms = arrival.judge(JUDGES);
  if (!terms.accepted) throw new Error(terms.why);
  return terms;
}

test('judged by the rules for CONNECT, accepted with a 200 on the stream, which goes on', async () => {
  const { ours, arrival } = await arrive({ 'sec-websocket-protocol': 'a' });
  expect(arrival.objection()).toBeNull();
  const transport = arrival.accept(termsOf(arrival), { 'X-One': '1' });
  transport.on('error', () => {});
  const [headers] = await once(ours, 'response');
  expect(headers).toMatchObject({ ':status': 200, 'sec-websocket-protocol': 'a', 'x-one': '1' });
  transport.end('through');
  expect(await received(ours)).toBe('through');
  expect(arrival.isGone).toBe(true);
});

test('refused with a whole response, and the stream is closed', async () => {
  const { ours, arrival } = await arrive();
  arrival.refuse({ status: 404, why: 'Not here.' });
  const [headers] = await once(ours, 'response');
  expect(headers[':status']).toBe(404);
  expect(await bodyOf({ status: 404, headers, stream: ours })).toEqual({ body: 'Not here.\n', rstCode: 0 });
});

test('a bad refusal writes nothing', async () => {
  const { arrival, stream } = await arrive();
  expect(() => arrival.refuse({ status: 200 })).toThrow();
  expect(stream.headersSent).toBe(false);
});

test('a client that takes nothing of its refusal is reset', async () => {
  const { ours, arrival, stream } = await arrive();
  arrival.refuse({ status: 404, body: Buffer.alloc(200_000) });
  ours.pause();
  await once(stream, 'close');
  expect(stream.rstCode).toBe(8);
});

test('bytes that came before the answer are refused, and so is a stream that was ended', async () => {
  const eager = await arrive();
  eager.ours.write('too early');
  while (eager.stream.readableLength === 0) await new Promise(setImmediate);
  expect(eager.arrival.objection()).toMatchObject({ status: 400 });
  expect(eager.stream.headersSent).toBe(false);

  const { arrival } = await arrive({}, { endStream: true });
  expect(arrival.objection()).toMatchObject({ status: 400 });
});

test('it is gone when its client is, or when somebody else has answered', async () => {
  const { ours, arrival, stream } = await arrive();
  expect(arrival.isGone).toBe(false);
  ours.close(http2.constants.NGHTTP2_CANCEL);
  await once(stream, 'close');
  expect(arrival.isGone).toBe(true);
  arrival.refuse({ status: 404 });

  const other = await arrive();
  other.stream.respond({ ':status': 204 });
  expect(other.arrival.isGone).toBe(true);
});

test('https is secure, whatever the connection is', async () => {
  expect((await arrive()).arrival.isSecure).toBe(false);
  expect((await arrive({ ':scheme': 'https' })).arrival.isSecure).toBe(true);
});

test('a target that was rewritten is what is judged', async () => {
  const { arrival } = await arrive();
  arrival.request.url = 'nowhere';
  expect(arrival.judge(JUDGES)).toMatchObject({ accepted: false, status: 400 });
});
