/** Every strictness of the design, by name, with no option set: `createServer()` and `connect(url)` as anybody would call them. */
import { once } from 'node:events';
import type { Frame } from '../../src/codec/frame.js';
import { binary, close, continuation, frameOf, headerOf, ping, text, wireOf } from '../support/frames.js';
import { RawPeer } from '../support/raw-peer.js';
import { accepted, field, rawServer, responseHead, upgradeLines } from '../support/raw-server.js';
import { answerTo, rawTo, upgrade } from '../support/raw-upgrade.js';
import { statusOf } from '../support/server-upgrade.js';
import { afterTest, connected, lifeOf, serving } from '../support/web-sockets.js';
import { hex } from '../support/wire.js';

const KEY = hex`37fa213d`;
const MIB = 2 ** 20;

/** The bytes of a frame to a server (masked) or to a client. */
type To = (frame: Frame, lengthBytes?: 2 | 8) => Buffer;
const toServer: To = (frame, lengthBytes) => wireOf(frame, { key: KEY, lengthBytes });
const toClient: To = (frame, lengthBytes) => wireOf(frame, { lengthBytes });

const FRAMES: readonly (readonly [law: string, code: number, wire: (to: To) => Buffer])[] = [
  ['reserved opcodes of data', 1002, (to) => to(frameOf(3))],
  ['reserved opcodes of control', 1002, (to) => to(frameOf(11))],
  ['RSV1 that nobody agreed on', 1002, (to) => to(frameOf(1, 'x', { rsv1: true }))],
  ['RSV2', 1002, (to) => to(frameOf(1, 'x', { rsv2: true }))],
  ['RSV3', 1002, (to) => to(frameOf(1, 'x', { rsv3: true }))],
  ['the wrong masking', 1002, (to) => (to === toServer ? toClient : toServer)(text('x'))],
  ['a length that is not minimal, 16 bits', 1002, (to) => to(text('x'), 2)],
  ['a length that is not minimal, 64 bits', 1002, (to) => to(text('x'), 8)],
  ['a length with its first bit set', 1002, (to) => headerOf(text(''), 2n ** 63n, to === toServer ? { key: KEY } : {})],
  ['a fragmented control frame', 1002, (to) => to(frameOf(9, '', { fin: false }))],
  ['a control frame of 126 bytes', 1002, (to) => to(ping('x'.repeat(126)))],
  ['a continuation of nothing', 1002, (to) => to(continuation('x'))],
  ['a message within a message', 1002, (to) => Buffer.concat([to(text('x', false)), to(text('y'))])],
  ['half a close code', 1002, (to) => to(frameOf(8, hex`03`))],
  ['a close code that must not be sent', 1002, (to) => to(close(1005))],
  ['a close reason that is not UTF-8', 1007, (to) => to(frameOf(8, hex`03e8 ff`))],
  [
    'text that is not UTF-8, in the middle of a frame',
    1007,
    (to) => to(text(hex`41 ff ${Buffer.alloc(MIB, 'a')}`)).subarray(0, 100),
  ],
  ['text that is not UTF-8, in the middle of a message', 1007, (to) => to(text(hex`e2 41`, false))],
  [
    'a frame above 16 MiB, on its header',
    1009,
    (to) => headerOf(binary(''), 16 * MIB + 1, to === toServer ? { key: KEY } : {}),
  ],
  [
    'a message above 16 MiB, on the header of its last fragment',
    1009,
    (to) =>
      Buffer.concat([
        to(binary(Buffer.alloc(16 * MIB), false)),
        to(continuation('x')).subarray(0, to === toServer ? 6 : 2),
      ]),
  ],
];

test.each(FRAMES)('a server refuses %s with %i', async (_, code, wire) => {
  const { server, port } = await serving();
  const socket = rawTo(port, upgrade());
  const [ws] = await once(server, 'connection');
  const { over } = lifeOf(ws.resume());
  await once(socket, 'data');
  const peer = new RawPeer(socket, 'client');
  peer.send(wire(toServer));
  expect((await peer.closed())?.code).toBe(code);
  socket.end();
  await over;
});

test.each(FRAMES)('a client refuses %s with %i', async (_, code, wire) => {
  const peers: RawPeer[] = [];
  const server = await rawServer(({ socket, head }) => {
    socket.removeAllListeners('data');
    peers.push(new RawPeer(socket, 'server'));
    socket.write(accepted(head));
  });
  afterTest(() => server.close());
  const ws = connected(`ws://127.0.0.1:${server.port}`);
  const { over } = lifeOf(ws.resume());
  await ws.opened;
  const [peer] = peers as [RawPeer];
  peer.send(wire(toClient));
  expect((await peer.closed())?.code).toBe(code);
  peer.socket.end();
  await over;
});

const REQUESTS: readonly (readonly [law: string, status: number, head: string])[] = [
  ['a foreign origin', 403, upgrade('/', { Origin: 'https://attacker.example' })],
  ['the origin null', 403, upgrade('/', { Origin: 'null' })],
  ['a body with a length', 400, upgrade('/', { 'Content-Length': '5' })],
  ['a body in chunks', 400, upgrade('/', { 'Transfer-Encoding': 'chunked' })],
  ['HTTP/1.0', 505, upgrade().replace('HTTP/1.1', 'HTTP/1.0')],
  ['no Host', 400, upgrade('/', { Host: null })],
  ['another version', 426, upgrade('/', { 'Sec-WebSocket-Version': '8' })],
  ['a version in another spelling', 426, upgrade('/', { 'Sec-WebSocket-Version': '13.0' })],
  ['no key', 400, upgrade('/', { 'Sec-WebSocket-Key': null })],
  ['a key of another length', 400, upgrade('/', { 'Sec-WebSocket-Key': 'AAAA' })],
  ['another method', 405, upgrade().replace('GET', 'POST')],
  ['malformed extensions', 400, upgrade('/', { 'Sec-WebSocket-Extensions': 'a;;' })],
];

test.each(REQUESTS)('a server refuses a request with %s: %i, and closes', async (_, status, head) => {
  const { port } = await serving();
  const answer = await answerTo(port, head);
  expect(statusOf(answer)).toBe(status);
  expect(field(answer, 'Connection').join()).toMatch(/\bclose\b/);
});

test('a server echoes no subprotocol, and accepts no extension', async () => {
  const { port } = await serving();
  const socket = rawTo(
    port,
    upgrade('/', { 'Sec-WebSocket-Protocol': 'chat', 'Sec-WebSocket-Extensions': 'permessage-deflate' }),
  );
  const head = String((await once(socket, 'data'))[0]);
  expect([statusOf(head), field(head, 'Sec-WebSocket-Protocol'), field(head, 'Sec-WebSocket-Extensions')]).toEqual([
    101,
    [],
    [],
  ]);
});

const ANSWERS: readonly (readonly [law: string, answer: (head: string) => string])[] = [
  ['200', (head) => responseHead('200 OK', upgradeLines(head))],
  ['a redirect', () => responseHead('302 Found', ['Location: ws://127.0.0.1:1/'])],
  ['the wrong accept', (head) => accepted(head).replace(/Accept: .{4}/, 'Accept: AAAA')],
  ['no Upgrade', (head) => accepted(head).replace(/Upgrade: websocket\r\n/, '')],
  ['a subprotocol that was not offered', (head) => accepted(head, 'Sec-WebSocket-Protocol: chat')],
  ['an extension that was not offered', (head) => accepted(head, 'Sec-WebSocket-Extensions: permessage-deflate')],
];

test.each(ANSWERS)('a client refuses an answer with %s', async (_, answer) => {
  const server = await rawServer(({ socket, head }) => socket.end(answer(head)));
  afterTest(() => server.close());
  const { opened } = connected(`ws://127.0.0.1:${server.port}`);
  await expect(opened).rejects.toMatchObject({ code: expect.stringMatching(/^ERR_WS_HANDSHAKE_/) });
  expect(server.requests).toHaveLength(1);
});

test('a client refuses a certificate that signed itself', async () => {
  const server = await rawServer(({ socket, head }) => socket.write(accepted(head)), true);
  afterTest(() => server.close());
  await expect(connected(`wss://127.0.0.1:${server.port}`).opened).rejects.toThrow();
  expect(server.requests).toHaveLength(0);
});
