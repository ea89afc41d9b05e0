/** The server over real sockets: who is let in, on which server, and how it closes. */
import { EventEmitter, once } from 'node:events';
import { createServer as createHttpServer, get, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { WebSocketDuplex } from '../../src/duplex/websocket-duplex.js';
import { type CreateServerOptions, createServer } from '../../src/server.js';
import { answerTo, rawTo, upgrade } from '../support/raw-upgrade.js';
import { afterTest, connected, next, serving } from '../support/web-sockets.js';

/** The first message of a server that then closes. */
async function greeting(url: string): Promise<unknown> {
  const ws = connected(url);
  const message = await next(ws);
  await Promise.all([once(ws.resume(), 'close')]);
  return message;
}

async function http(): Promise<{ http: Server; port: number }> {
  const server = createHttpServer((_, response) => response.end('plain'));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  afterTest(() => {
    server.closeAllConnections();
    return new Promise((resolve) => server.close(resolve));
  });
  return { http: server, port: (server.address() as AddressInfo).port };
}

describe('accept', () => {
  type Accept = CreateServerOptions['accept'];

  test.each([
    ['undefined', () => {}, /^HTTP\/1.1 101 /],
    ['true', () => true, /^HTTP\/1.1 101 /],
    ['a promise', async () => true, /^HTTP\/1.1 101 /],
    [
      'headers',
      () => ({ headers: { 'Set-Cookie': ['a=1', 'b=2'] } }),
      /^HTTP\/1.1 101 [\s\S]*Set-Cookie: a=1\r\nSet-Cookie: b=2/,
    ],
    ['false', () => false, /^HTTP\/1.1 403 /],
    [
      'a status',
      () => ({ status: 401, why: 'Who are you?', headers: { 'WWW-Authenticate': 'Basic' } }),
      /^HTTP\/1.1 401 [\s\S]*WWW-Authenticate: Basic[\s\S]*\r\n\r\nWho are you\?/,
    ],
    [
      'a throw',
      () => {
        throw new Error('secret');
      },
      /^HTTP\/1.1 500 (?![\s\S]*secret)/,
    ],
    [
      'a rejection',
      async () => {
        throw new Error('secret');
      },
      /^HTTP\/1.1 500 (?![\s\S]*secret)/,
    ],
    ['an illegal status', () => ({ status: 200 }), /^HTTP\/1.1 500 /],
    ['an illegal header', () => ({ headers: { 'X-A': 'a\r\nX-B: b' } }), /^HTTP\/1.1 500 (?![\s\S]*X-B)/],
    ['nothing in time', () => new Promise<true>(() => {}), /^HTTP\/1.1 503 /],
  ] satisfies [string, Accept, RegExp][])('%s', async (name, accept, answer) => {
    const { server, port } = await serving({
      accept,
      handshakeTimeoutMs: name === 'nothing in time' ? 20 : 10_000,
      closeTimeoutMs: 20,
    });
    const refused: unknown[] = [];
    server.on('refused', (error: unknown, request: IncomingMessage) => refused.push([error, request.url]));
    server.on('connection', (ws: WebSocketDuplex) => ws.end());
    expect(await answerTo(port, upgrade('/chat'))).toMatch(answer);
    expect(refused).toHaveLength(answer.source.includes('101') ? 0 : 1);
    for (const [, path] of refused as [unknown, string][]) expect(path).toBe('/chat');
    expect(server.connections.size).toBe(0);
  });

  test('the error of a refusal says its status; what accept threw is passed on as it is', async () => {
    const mistake = new Error('mine');
    for (const [accept, expected] of [
      [() => false, { code: 'ERR_WS_HANDSHAKE_REFUSED', status: 403 }],
      [() => Promise.reject(mistake), mistake],
    ] as const) {
      const { server, port } = await serving({ accept });
      const refusal = once(server, 'refused');
      rawTo(port, upgrade());
      expect((await refusal)[0]).toMatchObject(expected);
    }
  });

  test('a client that leaves meanwhile is forgotten', async () => {
    const asked = new EventEmitter();
    const { server, port } = await serving({
      accept: async (request) => {
        asked.emit('asked');
        await once(request.socket.resume(), 'close');
      },
    });
    const outcomes = jest.fn();
    server.on('connection', outcomes).on('refused', outcomes);
    const socket = rawTo(port, upgrade());
    await once(asked, 'asked');
    socket.resetAndDestroy();
    await server.close();
    expect(outcomes).not.toHaveBeenCalled();
  });
});

describe('judgement', () => {
  test.each([
    ['a foreign page', upgrade('/', { Origin: 'https://evil.example' }), 403],
    ['its own page', upgrade('/', { Origin: 'http://server.example.com' }), 101],
    ['another version', upgrade('/', { 'Sec-WebSocket-Version': '8' }), 426],
    ['no key', upgrade('/', { 'Sec-WebSocket-Key': null }), 400],
    ['a plain request', 'GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n', 426],
    ['garbage', 'not HTTP at all\r\n\r\n', 400],
  ])('%s gets its status', async (_, head, status) => {
    const { port } = await serving({ closeTimeoutMs: 20 }, (ws) => ws.end());
    expect(await answerTo(port, head)).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
  });

  test('a head that does not come in time gets 408', async () => {
    const { port } = await serving({ handshakeTimeoutMs: 20 });
    expect(await answerTo(port, 'GET / HTTP/1.1\r\nHost: a\r\n')).toMatch(/^HTTP\/1.1 408 /);
  });

  test('subprotocols: the first of ours that is offered, by list and by chooser; otherwise none', async () => {
    for (const subprotocols of [
      ['v2', 'v1'],
      (offered: readonly string[]) => offered.find((one) => one !== 'x') ?? null,
    ] as const) {
      const { server, url } = await serving({ subprotocols: subprotocols as CreateServerOptions['subprotocols'] });
      const arrived = once(server, 'connection');
      const ws = connected(url, { subprotocols: ['x', 'v1'] });
      await ws.opened;
      expect([ws.subprotocol, ((await arrived)[0] as WebSocketDuplex).subprotocol]).toEqual(['v1', 'v1']);
      const none = connected(url);
      await none.opened;
      expect(none.subprotocol).toBeNull();
    }
  });

  test('frames in the same packet as the head are read', async () => {
    const { server, port } = await serving();
    const arrived = once(server, 'connection');
    rawTo(port, Buffer.concat([Buffer.from(upgrade()), Buffer.from([0x81, 0x82, 0, 0, 0, 0, 0x68, 0x69])]));
    const [ws, request] = (await arrived) as [WebSocketDuplex, IncomingMessage];
    expect(await next(ws)).toBe('hi');
    expect(ws.request).toBe(request);
    expect(ws.url).toBeUndefined();
  });
});

describe('on an http.Server of somebody else', () => {
  test('upgrades are taken, requests and listening stay its owner’s', async () => {
    const { http: owner, port } = await http();
    const server = createServer({ server: owner }, (ws) => ws.end('hello'));
    expect(server.address()).toEqual(owner.address());
    expect(await greeting(`ws://127.0.0.1:${port}`)).toBe('hello');
    await server.close();
    expect(owner.listening).toBe(true);
    const [response] = (await once(get({ port, host: '127.0.0.1', agent: false }), 'response')) as [IncomingMessage];
    expect(response.statusCode).toBe(200);
    response.resume();
  });

  test('several share it by path; a path of nobody gets one 404', async () => {
    const { http: owner, port } = await http();
    for (const path of ['/a', '/b', '/c']) createServer({ server: owner, path }, (ws) => ws.end(`this is ${path}`));
    for (const path of ['/b?x=1', '/a', '/c']) {
      expect(await greeting(`ws://127.0.0.1:${port}${path}`)).toBe(`this is ${path.slice(0, 2)}`);
    }
    expect(await answerTo(port, upgrade('/nobody'))).toMatch(/^HTTP\/1.1 404 (?![\s\S]*HTTP\/1.1)/);
  });

  test('of two with the same path the first one takes it', async () => {
    const { http: owner, port } = await http();
    for (const name of ['first', 'second']) createServer({ server: owner }, (ws) => ws.end(name));
    expect(await greeting(`ws://127.0.0.1:${port}`)).toBe('first');
  });

  test('a path of nobody is left to a stranger who takes upgrades as well', async () => {
    const { http: owner, port } = await http();
    createServer({ server: owner, path: '/ours' });
    owner.on('upgrade', (request, socket) => {
      if (request.url === '/theirs') socket.end('HTTP/1.1 200 OK\r\n\r\ntheirs');
    });
    expect(await answerTo(port, upgrade('/theirs'))).toMatch(/theirs$/);
  });

  test('handleUpgrade by hand', async () => {
    const { http: owner, port } = await http();
    const server = createServer({ path: '/ws' }, (ws) => ws.end('by hand'));
    owner.on('upgrade', (request, socket, head) => server.handleUpgrade(request, socket, head));
    expect(await greeting(`ws://127.0.0.1:${port}/ws`)).toBe('by hand');
    expect(await answerTo(port, upgrade('/other'))).toMatch(/^HTTP\/1.1 404 /);
    await server.close();
    expect(await answerTo(port, upgrade('/ws'))).toMatch(/^HTTP\/1.1 503 /);
  });
});
