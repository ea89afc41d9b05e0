/** Every strictness of the design, by name, with no option set: `createServer()` and `connect(url)` as anybody would call them. */
import { once } from 'node:events';
import { BREACHES, toClient, toServer } from '../support/breaches.js';
import { RawPeer } from '../support/raw-peer.js';
import { accepted, field, rawServer, responseHead, upgradeLines } from '../support/raw-server.js';
import { answerTo, rawTo, upgrade } from '../support/raw-upgrade.js';
import { statusOf } from '../support/server-upgrade.js';
import { turn } from '../support/streams.js';
import { afterTest, connected, lifeOf, serving } from '../support/web-sockets.js';

test.each(BREACHES)('a server refuses %s with %i', async (_, code, wire, shown) => {
  const { server, port } = await serving();
  const socket = rawTo(port, upgrade());
  const [ws] = await once(server, 'connection');
  const { over } = lifeOf(ws.resume());
  await once(socket, 'data');
  const peer = new RawPeer(socket, 'client');
  peer.send(wire(toServer).subarray(0, shown));
  expect((await peer.closed())?.code).toBe(code);
  socket.end();
  await over;
});

test.each(BREACHES)('a client refuses %s with %i', async (_, code, wire, shown) => {
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
  peer.send(wire(toClient).subarray(0, shown));
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

test('a server gives its accept ten seconds to decide', async () => {
  const timers = jest.spyOn(globalThis, 'setTimeout');
  afterTest(() => timers.mockRestore());
  let ask = () => {};
  const asked = new Promise<void>((resolve) => {
    ask = resolve;
  });
  const never = new Promise<void>(() => {});
  const accept = () => {
    ask();
    return never;
  };
  const { port } = await serving({ accept });
  rawTo(port, upgrade());
  await asked;
  await turn();
  expect(timers.mock.calls.map(([, delay]) => delay)).toContain(10_000);
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
