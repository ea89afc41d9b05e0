/**
 * Threats, "Handshake and HTTP", through createServer: on a server of its own, on the http.Server and on the https.Server of
 * somebody else, whose pages must not be reached by what hides behind an upgrade.
 */
import { once } from 'node:events';
import { createServer as createHttpServer } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { setImmediate as turn } from 'node:timers/promises';
import { connect as connectTls } from 'node:tls';
import { type CreateServerOptions, createServer } from '../../src/server.js';
import { wireOf as frameWire, text } from '../support/frames.js';
import { TLS } from '../support/raw-server.js';
import { received } from '../support/received.js';
import { statusOf } from '../support/server-upgrade.js';
import { ACCEPT, type HeaderLine, KEY, linesWith, REQUIRED, wireOf } from '../support/upgrade-request.js';
import { afterTest, next } from '../support/web-sockets.js';

const PAGE = 'a page that is not for everybody';
const BEHIND = 'GET /admin HTTP/1.1\r\nHost: a\r\n\r\n';
const page = (_: unknown, response: { end(text: string): unknown }) => response.end(PAGE);

const KINDS = {
  'a server of its own': () => undefined,
  'an http.Server': () => createHttpServer(page),
  'an https.Server': () => createHttpsServer(TLS, page),
};

/** A WebSocketServer of that kind, and how to connect to it. */
async function listening(kind: keyof typeof KINDS, options: CreateServerOptions = {}) {
  const given = KINDS[kind]();
  const server = createServer({ ...options, server: given });
  const listener = (given ?? server).listen(0, '127.0.0.1');
  afterTest(async () => {
    for (const ws of server.connections) ws.destroy();
    await server.close({ timeoutMs: 100 });
    given?.closeAllConnections();
    given?.close();
  });
  await once(listener, 'listening');
  const { port } = listener.address() as AddressInfo;
  const dial = (): Socket => {
    const isSecure = kind === 'an https.Server';
    const socket = isSecure
      ? connectTls({ port, host: '127.0.0.1', rejectUnauthorized: false })
      : connect(port, '127.0.0.1');
    afterTest(() => socket.destroy());
    return socket.on('error', () => {});
  };
  return { server, dial };
}

const padding: HeaderLine[] = Array(2_000).fill(['a', '']);
const twice = (name: string) => REQUIRED.flatMap((line) => (line[0] === name ? [line, line] : [line]));
const chunked: HeaderLine = ['Transfer-Encoding', 'chunked'];

/** What must be answered with an error, once, and with the end of the connection. */
const REFUSED: readonly (readonly [says: string, head: string])[] = [
  ['a Content-Length', wireOf(linesWith({ 'Content-Length': String(BEHIND.length) }))],
  ['a Transfer-Encoding', wireOf([...REQUIRED, chunked])],
  ['a Transfer-Encoding behind 2,000 fields', wireOf([...REQUIRED, ...padding, chunked])],
  ['an Origin behind 2,000 fields', wireOf([...REQUIRED, ...padding, ['Origin', 'http://evil.example']])],
  ['an expectation', wireOf(linesWith({ Expect: '100-continue' }))],
  ['HTTP/1.0', wireOf(REQUIRED, 'GET / HTTP/1.0')],
  ['POST', wireOf(REQUIRED, 'POST / HTTP/1.1')],
  ['no Host', wireOf(linesWith({ Host: null }))],
  ['two Hosts', wireOf(twice('Host'))],
  ['no key', wireOf(linesWith({ 'Sec-WebSocket-Key': null }))],
  ['two keys', wireOf(twice('Sec-WebSocket-Key'))],
  ['a key of 22 characters', wireOf(linesWith({ 'Sec-WebSocket-Key': KEY.slice(2) }))],
  ['no version', wireOf(linesWith({ 'Sec-WebSocket-Version': null }))],
  ['version 13.0', wireOf(linesWith({ 'Sec-WebSocket-Version': '13.0' }))],
  ['version 777', wireOf(linesWith({ 'Sec-WebSocket-Version': '777' }))],
  ['another protocol', wireOf(linesWith({ Upgrade: 'h2c' }))],
  ['an absolute target', wireOf(REQUIRED, 'GET http://evil.example/ HTTP/1.1')],
  ['a target of a host', wireOf(REQUIRED, 'GET //evil.example/ HTTP/1.1')],
  ['a foreign Origin', wireOf(linesWith({ Origin: 'http://evil.example' }))],
  ['the Origin null', wireOf(linesWith({ Origin: 'null' }))],
  ['the Origin of another port', wireOf(linesWith({ Origin: 'http://server.example.com:81' }))],
  ['two Origins', wireOf([...REQUIRED, ['Origin', 'http://server.example.com'], ['Origin', 'http://evil.example']])],
  ['a subprotocol that is not ASCII', wireOf(linesWith({ 'Sec-WebSocket-Protocol': 'ch\xe9t' }))],
  ['a key that is not ASCII', wireOf(linesWith({ 'Sec-WebSocket-Key': `${KEY}\xff` }))],
];

describe.each(Object.keys(KINDS) as (keyof typeof KINDS)[])('%s', (kind) => {
  test.each(REFUSED)('%s is refused once, and what follows is not answered', async (_, head) => {
    const { server, dial } = await listening(kind);
    const opened = jest.fn();
    server.on('connection', opened);
    const socket = dial();
    socket.write(`${head}${BEHIND}${wireOf()}`, 'latin1');
    const answer = await received(socket);
    expect(statusOf(answer)).toBeGreaterThanOrEqual(400);
    expect(answer.match(/HTTP\/1\.1 \d/g)).toHaveLength(1);
    expect(answer).not.toContain(PAGE);
    expect(answer).not.toContain(ACCEPT);
    expect(opened).not.toHaveBeenCalled();
  });

  test('and the server goes on: the next client is let in, with a legal keep-alive, no subprotocol of its choice', async () => {
    const { dial } = await listening(kind);
    for (const [, head] of REFUSED.slice(0, 3)) dial().write(head, 'latin1');
    const socket = dial();
    socket.write(wireOf(linesWith({ Connection: 'keep-alive, Upgrade', 'Sec-WebSocket-Protocol': 'chat' })));
    const [answer] = await once(socket, 'data');
    expect(statusOf(String(answer))).toBe(101);
    expect(String(answer)).not.toMatch(/sec-websocket-protocol/i);
  });

  test('a head of 20 MB in chunks of 5 KB is cut off early', async () => {
    const { dial } = await listening(kind);
    const socket = dial();
    let over = false;
    // The end may be a reset, because more was sent than was read.
    const answer = received(socket)
      .catch(() => '')
      .finally(() => {
        over = true;
      });
    socket.write('GET / HTTP/1.1\r\n');
    let sent = 0;
    for (const line = `X: ${'a'.repeat(5_115)}\r\n`; sent < 20_000_000 && !over; sent += line.length) {
      await new Promise((resolve) => socket.write(line, resolve));
      await turn();
    }
    expect(sent).toBeLessThan(2_000_000);
    expect([431, Number.NaN]).toContainEqual(statusOf(await answer));
  });

  test('frames in the packet of the handshake arrive, however its end is cut', async () => {
    const { server, dial } = await listening(kind);
    const frames = Buffer.concat(
      ['a', 'bc'].map((says) => frameWire(text(says), { key: Buffer.from('37fa213d', 'hex') })),
    );
    const wire = Buffer.concat([Buffer.from(wireOf()), frames]);
    for (let at = wire.length - frames.length - 5; at <= wire.length; at++) {
      const accepted = once(server, 'connection');
      const socket = dial();
      socket.write(wire.subarray(0, at));
      await turn();
      socket.write(wire.subarray(at));
      const [ws] = await accepted;
      expect([await next(ws), await next(ws)]).toEqual(['a', 'bc']);
    }
  });
});
