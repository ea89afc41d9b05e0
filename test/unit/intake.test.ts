import type { EventEmitter } from 'node:events';
import { createServer as createHttpServer, type IncomingMessage } from 'node:http';
import http2 from 'node:http2';
import { duplexPair } from 'node:stream';
import { ConnectArrival } from '../../src/handshake/stream/connect-arrival.js';
import { UpgradeArrival } from '../../src/handshake/stream/upgrade-arrival.js';
import { type AnyArrival, Intake, type UpgradableServer } from '../../src/intake.js';
import { ask, connectFields, http2Session } from '../support/http2.js';
import { turns } from '../support/streams.js';
import { afterTest } from '../support/web-sockets.js';

/** An intake for one path, and what it took. */
function taking(http: UpgradableServer, path = '/') {
  const taken: AnyArrival[] = [];
  const take = (arrival: AnyArrival) => {
    taken.push(arrival);
    arrival.refuse({ status: 404, why: path });
  };
  const intake = new Intake(http, { isForUs: ({ url }) => url === path, take });
  return { intake, taken };
}

async function http2Server(onRequest?: () => void) {
  const http = onRequest === undefined ? http2.createServer() : http2.createServer(onRequest);
  afterTest(() => http.close());
  const start = async () => {
    await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
    const address = http.address();
    if (typeof address !== 'object' || address === null) throw new Error('It does not listen.');
    return http2Session(`http://127.0.0.1:${address.port}`);
  };
  return { http, start };
}

const request = (url: string) => ({ url, method: 'GET' }) as IncomingMessage;

describe('HTTP/1.1', () => {
  function upgradeOf(http: UpgradableServer, url: string): void {
    const [near, far] = duplexPair();
    afterTest(() => [near, far].map((end) => end.destroy()));
    (http as EventEmitter).emit('upgrade', request(url), near, Buffer.alloc(0));
  }

  test('each path has one taker; a path of nobody is refused by the first', () => {
    const http = createHttpServer();
    const [first, second] = [taking(http, '/a'), taking(http, '/b')];
    for (const url of ['/a', '/b', '/c']) upgradeOf(http, url);
    expect(first.taken.map(({ request: { url } }) => url)).toEqual(['/a', '/c']);
    expect(second.taken.map(({ request: { url } }) => url)).toEqual(['/b']);
    expect(first.taken[0]).toBeInstanceOf(UpgradeArrival);
  });

  test('a stranger may want the path of nobody', () => {
    const http = createHttpServer().on('upgrade', () => {});
    const { taken } = taking(http, '/a');
    for (const url of ['/a', '/c']) upgradeOf(http, url);
    expect(taken).toHaveLength(1);
  });

  test('after the close nothing is left on the server', () => {
    for (const http of [createHttpServer(), http2.createServer()]) {
      const before = http.eventNames().map((name) => http.listenerCount(name));
      taking(http).intake.close();
      expect(http.eventNames().map((name) => http.listenerCount(name))).toEqual(before);
    }
  });
});

describe('HTTP/2', () => {
  test('extended CONNECT is announced, whatever the settings of the server were', async () => {
    const { http, start } = await http2Server();
    taking(http);
    const session = await start();
    expect(session.remoteSettings.enableConnectProtocol).toBe(true);
  });

  test("each path has one taker, next to Node's own listener for requests", async () => {
    const requests = jest.fn();
    const { http, start } = await http2Server(requests);
    const [first, second] = [taking(http, '/a'), taking(http, '/b')];
    const session = await start();
    for (const path of ['/a', '/b', '/c'])
      expect((await ask(session, connectFields({ ':path': path }))).status).toBe(404);
    expect(first.taken.map((one) => one.request.url)).toEqual(['/a', '/c']);
    expect(second.taken.map((one) => one.request.url)).toEqual(['/b']);
    expect(first.taken[0]).toBeInstanceOf(ConnectArrival);
    expect(requests).not.toHaveBeenCalled();
  });

  test.each([{ ':protocol': 'connect-udp' }, { ':protocol': null, ':path': null, ':authority': 'a' }])(
    'a CONNECT that is no WebSocket, %j, is taken to be refused, unless a stranger may want it',
    async (changes) => {
      const { http, start } = await http2Server(() => {});
      const { taken } = taking(http);
      const session = await start();
      expect((await ask(session, connectFields(changes))).status).toBe(404);
      expect(taken).toHaveLength(1);
      http.on('connect', (_, response) => response.writeHead(501).end());
      expect((await ask(session, connectFields(changes))).status).toBe(501);
      expect(taken).toHaveLength(1);
    },
  );

  test('a listener for all streams that answers first is the only one who answers', async () => {
    const { http, start } = await http2Server();
    const { taken } = taking(http);
    http.on('stream', (stream) => stream.respond({ ':status': 204 }, { endStream: true }));
    const session = await start();
    expect((await ask(session)).status).toBe(204);
    expect(taken.map(({ isGone }) => isGone)).toEqual([true]);
  });

  test('ordinary requests are not looked at', async () => {
    const { http, start } = await http2Server();
    const { taken } = taking(http);
    http.on('stream', (stream) => stream.respond({ ':status': 200 }, { endStream: true }));
    const session = await start();
    expect((await ask(session, { ':path': '/' })).status).toBe(200);
    expect(taken).toEqual([]);
  });

  test('a tunnel of HTTP/1.1 that nobody wants is cut off, as Node does', async () => {
    const { http } = await http2Server();
    taking(http);
    const [near] = duplexPair();
    http.emit('connect', request('a:1') as never, near as never);
    await turns(1);
    expect(near.destroyed).toBe(true);

    const [other] = duplexPair();
    http.on('connect', () => {});
    http.emit('connect', request('a:1') as never, other as never);
    expect(other.destroyed).toBe(false);
    other.destroy();
  });
});
