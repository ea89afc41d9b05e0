/** Clients that break HTTP/2's rules or RFC 8441's: each is told so on its stream, and the session survives. */
import { once } from 'node:events';
import http2 from 'node:http2';
import type { AddressInfo } from 'node:net';
import type { WebSocketDuplex } from '../../src/duplex/websocket-duplex.js';
import { type CreateServerOptions, createServer } from '../../src/server.js';
import { http2Serving } from '../support/http2.js';
import { FrameType, GOOD_FIELDS, literalFields, RawHttp2, rawFrame } from '../support/raw-http2.js';
import { afterTest, lifeOf } from '../support/web-sockets.js';

const PROTOCOL_ERROR = 1;
const STREAM_CLOSED = 5;

/** The good fields without those that are null, and with the others. */
function fields(changes: Readonly<Record<string, string | null>>): Record<string, string> {
  const all = Object.entries({ ...GOOD_FIELDS, ...changes });
  // Pseudo-header fields come first (RFC 9113 §8.3).
  return Object.fromEntries(all.filter((field): field is [string, string] => field[1] !== null));
}

async function meet(options: CreateServerOptions = {}) {
  const serving = await http2Serving(options, (ws) => ws.pipe(ws));
  return { ...serving, raw: new RawHttp2(serving.port) };
}

/** An ordinary request and a WebSocket still work. */
async function expectWell(raw: RawHttp2, stream: number): Promise<void> {
  raw.headers(stream, { ':method': 'GET', ':scheme': 'http', ':path': '/', ':authority': 'a' }, 1);
  raw.headers(stream + 2, GOOD_FIELDS);
  await raw.until(() => [stream, stream + 2].every((id) => raw.on(id, FrameType.headers).length > 0));
  await raw.survives();
}

test.each<[string, Record<string, string | null>]>([
  ['no :scheme', { ':scheme': null }],
  ['no :path', { ':path': null }],
  ['no :authority', { ':authority': null }],
  [':protocol with GET', { ':method': 'GET' }],
  ['an empty :protocol', { ':protocol': '' }],
  ['Connection', { connection: 'upgrade' }],
  ['Upgrade', { upgrade: 'websocket' }],
  ['Transfer-Encoding', { 'transfer-encoding': 'chunked' }],
  ['a name in upper case', { 'Sec-WebSocket-Protocol': 'a' }],
])('%s is malformed: the stream is reset, and nobody is asked', async (_, changes) => {
  const { raw, server } = await meet();
  raw.headers(1, fields(changes));
  await raw.until(() => raw.resetOf(1) !== null);
  expect(raw.resetOf(1)).toBe(PROTOCOL_ERROR);
  expect(server.connections.size).toBe(0);
  await expectWell(raw, 3);
});

test.each<[string, Record<string, string | null>]>([
  ['another :protocol', { ':protocol': 'connect-udp' }],
  ['another :scheme', { ':scheme': 'ftp' }],
  ['a Host that disagrees', { host: 'b' }],
  ['a body that is announced', { 'content-length': '5' }],
  ['another version', { 'sec-websocket-version': '14' }],
])('%s is refused with a response, and its stream ends', async (_, changes) => {
  const { raw, server } = await meet();
  raw.headers(1, fields(changes));
  await raw.until(() => raw.on(1, FrameType.data).some(({ flags }) => flags % 2 === 1));
  expect(raw.on(1, FrameType.headers)).toHaveLength(1);
  expect(server.connections.size).toBe(0);
  await expectWell(raw, 3);
});

test('bytes before the answer are refused', async () => {
  const { raw, server } = await meet();
  const early = rawFrame(FrameType.data, 0, 1, Buffer.from('818537fa213d7f9f4d5158', 'hex'));
  raw.socket.write(Buffer.concat([rawFrame(FrameType.headers, 4, 1, literalFields(GOOD_FIELDS)), early]));
  await raw.until(() => raw.on(1, FrameType.data).some(({ flags }) => flags % 2 === 1));
  expect(String(raw.on(1, FrameType.data)[0]?.payload)).toContain('must wait');
  expect(server.connections.size).toBe(0);
  await expectWell(raw, 3);
});

test('END_STREAM with the request is refused', async () => {
  const { raw, server } = await meet();
  raw.headers(1, GOOD_FIELDS, 1);
  await raw.until(() => raw.on(1, FrameType.data).some(({ flags }) => flags % 2 === 1));
  expect(server.connections.size).toBe(0);
  await expectWell(raw, 3);
});

async function opened(options: CreateServerOptions = {}) {
  const met = await meet(options);
  const arrived = once(met.server, 'connection');
  met.raw.headers(1, GOOD_FIELDS);
  const [ws] = (await arrived) as [WebSocketDuplex];
  const life = lifeOf(ws);
  await met.raw.until(() => met.raw.on(1, FrameType.headers).length > 0);
  return { ...met, ...life };
}

test('DATA after END_STREAM goes to a stream that is over: it is reset already, and ignored', async () => {
  const { raw, over, errors } = await opened();
  raw.send(FrameType.data, 1, 1);
  await over;
  expect(errors.map(({ code }) => code)).toEqual(['ERR_WS_CUT_OFF']);
  await raw.until(() => raw.resetOf(1) !== null);
  raw.send(FrameType.data, 0, 1, Buffer.from('late'));
  await expectWell(raw, 3);
});

test('in the packet of END_STREAM it is an error of the session, GOAWAY with STREAM_CLOSED; its neighbours end too', async () => {
  const { raw, server, over } = await opened({ keepAlive: { intervalMs: 30, timeoutMs: 30 } });
  const arrived = once(server, 'connection');
  raw.headers(3, GOOD_FIELDS);
  const [neighbour] = (await arrived) as [WebSocketDuplex];
  const { over: neighbourOver, errors } = lifeOf(neighbour);
  const data = rawFrame(FrameType.data, 0, 1, Buffer.from('late'));
  raw.socket.write(Buffer.concat([rawFrame(FrameType.data, 1, 1), data]));
  await Promise.all([over, neighbourOver]);
  await raw.until(() => raw.on(0, FrameType.goaway).length > 0);
  expect(raw.on(0, FrameType.goaway).map(({ payload }) => payload.readUInt32BE(4))).toEqual([STREAM_CLOSED]);
  // Since 22 Node ends the session at once; before, it is left to our keepalive.
  expect(['ERR_WS_KEEPALIVE_TIMEOUT', 'ERR_WS_SESSION_LOST']).toContain(errors.map(({ code }) => code).join());
});

test.each([
  [8, 'CANCEL'],
  [0, 'NO_ERROR'],
  [2, 'INTERNAL_ERROR'],
  [99, '0x63'],
])('a reset with %i in the middle of a frame is ERR_WS_STREAM_RESET, %s', async (code, name) => {
  const { raw, over, errors } = await opened();
  raw.send(FrameType.data, 0, 1, Buffer.from('81fe01', 'hex'));
  await raw.survives();
  const number = Buffer.alloc(4);
  number.writeUInt32BE(code);
  raw.send(FrameType.rstStream, 0, 1, number);
  expect((await over).code).toBe(1006);
  expect(errors).toMatchObject([{ code: 'ERR_WS_STREAM_RESET', facts: { code: name } }]);
  await expectWell(raw, 3);
});

test('trailers end a stream as END_STREAM does', async () => {
  const { raw, over, errors } = await opened();
  raw.headers(1, { a: 'b' }, 1);
  await over;
  expect(errors.map(({ code }) => code)).toEqual(['ERR_WS_CUT_OFF']);
  await expectWell(raw, 3);
});

test('a frame that breaks RFC 6455 is answered with a close frame, and END_STREAM', async () => {
  const { raw, over } = await opened();
  raw.send(FrameType.data, 0, 1, Buffer.from('8300', 'hex'));
  expect((await over).sent?.code).toBe(1002);
  await raw.until(() => raw.on(1, FrameType.data).some(({ flags }) => flags % 2 === 1));
  const [close] = raw.on(1, FrameType.data);
  expect([close?.payload[0], close?.payload.readUInt16BE(2)]).toEqual([0x88, 1002]);
  await raw.survives();
});

test('a server that did not announce extended CONNECT resets it', async () => {
  const http = http2.createServer().listen(0, '127.0.0.1');
  await once(http, 'listening');
  afterTest(() => http.close());
  const server = createServer();
  http.on('stream', (stream, headers) => server.handleStream(stream, headers));
  const raw = new RawHttp2((http.address() as AddressInfo).port);
  raw.headers(1, GOOD_FIELDS);
  await raw.until(() => raw.resetOf(1) !== null);
  expect(raw.resetOf(1)).toBe(PROTOCOL_ERROR);
  await raw.survives();
});
