/** The ways to a server: agents, proxies, Unix sockets, redirects. */

import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { type ClientRequestArgs, createServer, get, Agent as HttpAgent, type Server } from 'node:http';
import { Agent as HttpsAgent, type RequestOptions } from 'node:https';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Duplex } from 'node:stream';
import { connect as tlsConnect } from 'node:tls';
import { type Dialled, type DialOptions, dial } from '../../src/handshake/stream/dial.js';
import {
  accepted,
  field,
  type RawRequest,
  type RawServer,
  rawServer,
  responseHead,
  TLS,
} from '../support/raw-server.js';

const open: Duplex[] = [];
const cleanups: (() => unknown)[] = [];

afterEach(async () => {
  for (const socket of open.splice(0)) socket.destroy();
  await Promise.all(cleanups.splice(0).map((clean) => clean()));
});

async function serve(answer: (request: RawRequest) => void, tls = false): Promise<RawServer> {
  const server = await rawServer(answer, tls);
  cleanups.push(() => server.close());
  return server;
}

async function dialled(url: string, options?: DialOptions): Promise<Dialled> {
  const result = await dial(url, options);
  open.push(result.socket);
  return result;
}

const accept = ({ socket, head }: RawRequest): void => {
  socket.write(`${accepted(head)}!`);
};

/** A proxy that does what CONNECT asks for; `asked` collects the authorities. */
async function proxy(asked: string[]): Promise<number> {
  const server: Server = createServer();
  const sockets: Duplex[] = [];
  server.on('connect', (request, socket, head) => {
    asked.push(request.url ?? '');
    const port = Number(request.url?.split(':').at(-1));
    const upstream = connect(port, '127.0.0.1', () => {
      socket.write('HTTP/1.1 200 Connection Established\r\n\r\n');
      upstream.write(head);
      socket.pipe(upstream).pipe(socket);
    });
    sockets.push(
      socket.on('error', () => {}),
      upstream.on('error', () => {}),
    );
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  cleanups.push(() => {
    for (const socket of sockets) socket.destroy();
    return new Promise((resolve) => server.close(resolve));
  });
  return (server.address() as AddressInfo).port;
}

type OnCreate = (error: Error | null, socket: Duplex) => void;

/** Tunnels to `options` through the proxy at `proxyPort`. */
function tunnel(proxyPort: number, options: ClientRequestArgs, done: (socket: Socket) => void): void {
  const path = `${options.host}:${options.port}`;
  const socket = connect(proxyPort, '127.0.0.1', () =>
    socket.write(`CONNECT ${path} HTTP/1.1\r\nHost: ${path}\r\n\r\n`),
  );
  socket.once('data', () => done(socket));
}

describe('an agent that tunnels through a proxy', () => {
  test('ws', async () => {
    const asked: string[] = [];
    const port = await proxy(asked);
    class Tunnel extends HttpAgent {
      override createConnection(options: ClientRequestArgs, done?: OnCreate): null {
        tunnel(port, options, (socket) => done?.(null, socket));
        return null;
      }
    }
    const server = await serve(accept);
    const { head } = await dialled(`ws://127.0.0.1:${server.port}`, { agent: new Tunnel() });
    expect(String(head)).toBe('!');
    expect(asked).toEqual([`127.0.0.1:${server.port}`]);
  });

  test('wss, verified end to end', async () => {
    const asked: string[] = [];
    const port = await proxy(asked);
    class Tunnel extends HttpsAgent {
      override createConnection(options: RequestOptions, done?: OnCreate): null {
        tunnel(port, options, (socket) => done?.(null, tlsConnect({ socket, ca: TLS.cert, servername: 'localhost' })));
        return null;
      }
    }
    const server = await serve(accept, true);
    const { socket } = await dialled(`wss://localhost:${server.port}`, { agent: new Tunnel() });
    expect(socket).toMatchObject({ authorized: true });
    expect(asked).toEqual([`localhost:${server.port}`]);
  });
});

test('a keep-alive agent lets go of the socket', async () => {
  const agent = new HttpAgent({ keepAlive: true, maxSockets: 1 });
  cleanups.push(() => agent.destroy());
  const server = await serve(({ socket, head }) => {
    const plain = responseHead('200 OK', ['Content-Length: 0']);
    socket.write(head.startsWith('GET /plain') ? plain : accepted(head));
  });
  const { socket } = await dialled(`ws://127.0.0.1:${server.port}`, { agent });
  expect([agent.sockets, agent.freeSockets]).toEqual([{}, {}]);
  const request = get({ host: '127.0.0.1', port: server.port, path: '/plain', agent });
  const [response] = await once(request, 'response');
  response.resume();
  await once(response, 'end');
  expect(socket.destroyed).toBe(false);
  expect(server.sockets.size).toBe(2);
});

describe('a Unix socket', () => {
  let socketPath: string;

  beforeEach(() => {
    const folder = mkdtempSync(join(tmpdir(), 'dial-'));
    socketPath = join(folder, 'a b.sock');
    cleanups.push(() => rmSync(folder, { recursive: true }));
  });

  async function listen(server: Server): Promise<void> {
    server.listen(socketPath);
    await once(server, 'listening');
    cleanups.push(() => new Promise((resolve) => server.close(resolve)));
  }

  test('by URL and by option', async () => {
    const heads: string[] = [];
    const server = createServer().on('upgrade', (request, socket) => {
      heads.push(`${request.headers.host}${request.url}`);
      socket.write(accepted(`\r\nSec-WebSocket-Key: ${request.headers['sec-websocket-key']}`));
      open.push(socket);
    });
    await listen(server);
    await dialled(`ws+unix:${encodeURI(socketPath)}:/chat?x`);
    await dialled('ws://virtual.test/chat', { socketPath });
    expect(heads).toEqual(['localhost/chat?x', 'virtual.test/chat']);
  });

  test.each([
    ['by option', () => ['ws://host.test', { socketPath }] as const, 'leads away from socketPath'],
    ['by URL', () => [`ws+unix:${encodeURI(socketPath)}`, {}] as const, 'leads away from a Unix socket'],
  ])('another origin is not asked through it: %s', async (_, way, why) => {
    const away = { Location: 'ws://elsewhere.test/', Connection: 'close' };
    await listen(createServer((_request, response) => response.writeHead(302, away).end()));
    const [url, options] = way();
    await expect(dial(url, { ...options, followRedirects: true })).rejects.toThrow(why);
  });
});

describe('redirects', () => {
  const redirect = (location: string, status = 302) =>
    responseHead(`${status} Elsewhere`, [`Location: ${location}`, 'Content-Length: 0']);

  test.each([301, 302, 303, 307, 308])('%i is followed when asked for, with a new key', async (status) => {
    const server = await serve(({ socket, head }) =>
      socket.write(head.startsWith('GET /b') ? accepted(head) : redirect('/b', status)),
    );
    const { url } = await dialled(`ws://127.0.0.1:${server.port}/a`, { followRedirects: true });
    expect(url).toBe(`ws://127.0.0.1:${server.port}/b`);
    const keys = server.requests.flatMap(({ head }) => field(head, 'Sec-WebSocket-Key'));
    expect(new Set(keys).size).toBe(2);
    const first = server.requests[0]?.socket;
    if (first?.readableEnded === false) await once(first, 'end');
  });

  test('there is a limit', async () => {
    const server = await serve(({ socket }) => socket.write(redirect('/again')));
    await expect(dial(`ws://127.0.0.1:${server.port}`, { followRedirects: 3 })).rejects.toMatchObject({
      status: 302,
      message: expect.stringContaining('more than 3 redirects'),
    });
    expect(server.requests).toHaveLength(4);
  });

  test('one that cannot be followed is a refusal that says why', async () => {
    const server = await serve(({ socket }) => socket.write(redirect('ftp://elsewhere/')));
    await expect(dial(`ws://127.0.0.1:${server.port}`, { followRedirects: true })).rejects.toMatchObject({
      code: 'ERR_WS_HANDSHAKE_REFUSED',
      message: expect.stringContaining('its Location is not the URL of a WebSocket'),
    });
  });
});
