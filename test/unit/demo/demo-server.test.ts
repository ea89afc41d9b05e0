import { once } from 'node:events';
import { request } from 'node:http';
import http2 from 'node:http2';
import type { AddressInfo } from 'node:net';
import { connect, createServer } from 'node:net';
import type { Duplex } from 'node:stream';
import { pathToFileURL } from 'node:url';
import { DemoServer } from '../../../src/demo/demo-server.js';
import { IDENTITY } from '../../support/http2.js';
import { hex } from '../../support/wire.js';

const PAGES = pathToFileURL('src/demo/page/');
const ID = '0123456789abcdef0123456789abcdef';
const HELLO = hex`81 85 37fa213d 7f9f4d5158`;

let server: DemoServer;
let url: URL;

beforeEach(async () => {
  server = new DemoServer(PAGES);
  url = await server.listen(0, '127.0.0.1');
});

afterEach(() => server.stop());

function upgrade(path: string, headers: Record<string, string> = {}) {
  return new Promise<{ status: number; socket: Duplex | null }>((resolve, reject) => {
    const asking = request(new URL(path, url), {
      agent: false,
      headers: {
        Connection: 'Upgrade',
        Upgrade: 'websocket',
        'Sec-WebSocket-Version': '13',
        'Sec-WebSocket-Key': 'dGhlIHNhbXBsZSBub25jZQ==',
        ...headers,
      },
    });
    asking.on('upgrade', (_, socket, head) => {
      if (head.length > 0) socket.unshift(head);
      resolve({ status: 101, socket });
    });
    asking.on('response', (response) => {
      response.resume();
      resolve({ status: response.statusCode ?? 0, socket: null });
    });
    asking.on('error', reject).end();
  });
}

test('the page and the echo share a port', async () => {
  expect((await fetch(url)).headers.get('content-type')).toMatch(/html/);
  const { socket } = await upgrade('/echo');
  socket?.write(HELLO);
  const [echoed] = await once(socket as Duplex, 'data');
  expect(echoed).toEqual(hex`81 05 48656c6c6f`);
});

test.each(['/', '/nothing', '/frames', '/frames?watch=short', '//[', '/frames?watch=%'])(
  'no WebSocket lives at %s',
  async (path) => {
    expect(await rawStatus(path)).toBe(404);
    expect((await fetch(url)).status).toBe(200);
  },
);

/** The status of an upgrade request whose target no URL parser has touched. */
async function rawStatus(target: string): Promise<number> {
  const socket = connect(Number(url.port), '127.0.0.1');
  socket.write(`GET ${target} HTTP/1.1\r\nHost: ${url.host}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n`);
  const [head] = await once(socket, 'data');
  socket.destroy();
  return Number(String(head).split(' ')[1]);
}

test('another site cannot open the echo from its pages', async () => {
  expect((await upgrade('/echo', { Origin: 'http://elsewhere.example' })).status).toBe(403);
  expect((await upgrade('/echo', { Origin: url.origin })).status).toBe(101);
});

test('a watcher sees the frames of its echo connection', async () => {
  const watcher = (await upgrade(`/frames?watch=${ID}`)).socket as Duplex;
  let told = '';
  watcher.on('data', (chunk: Buffer) => (told += chunk.toString('latin1')));
  const echo = (await upgrade(`/echo?watch=${ID}`)).socket as Duplex;
  echo.write(HELLO);
  for (let tries = 0; tries < 200 && !told.includes('"direction":"out"'); tries++) {
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  expect(told).toContain('"wire":"818537fa213d7f9f4d5158"');
  expect(told).toContain('"direction":"out"');
});

test('stopping closes every WebSocket with 1001 and resolves when all is over', async () => {
  const socket = (await upgrade('/echo')).socket as Duplex;
  const said = once(socket, 'data');
  const ended = once(socket, 'end');
  const stopped = server.stop();
  expect(((await said)[0] as Buffer).subarray(0, 4).toString('hex')).toMatch(/^88..03e9$/);
  await ended;
  socket.end();
  await stopped;
});

test('a port that is taken rejects with the code that the command line turns into a sentence', async () => {
  const other = createServer().listen(0, '127.0.0.1');
  await once(other, 'listening');
  const late = new DemoServer(PAGES);
  await expect(late.listen((other.address() as AddressInfo).port, '127.0.0.1')).rejects.toMatchObject({
    code: 'EADDRINUSE',
  });
  other.close();
});

test('a folder without pages is told at once', () => {
  expect(() => new DemoServer(pathToFileURL('src/no-such-folder/'))).toThrow(/ENOENT/);
});

describe('over TLS', () => {
  let secure: DemoServer;
  let origin: string;
  let session: http2.ClientHttp2Session;

  beforeEach(async () => {
    secure = new DemoServer(PAGES, IDENTITY);
    ({ origin } = await secure.listen(0, '127.0.0.1'));
    session = http2.connect(origin, { ca: IDENTITY.cert });
    await once(session, 'remoteSettings');
  });

  afterEach(async () => {
    session.destroy();
    await secure.stop();
  });

  /** The stream and the status of a request for a WebSocket. */
  async function open(path: string, headers: http2.OutgoingHttpHeaders = {}) {
    const stream = session.request(
      { ':method': 'CONNECT', ':protocol': 'websocket', ':path': path, 'sec-websocket-version': '13', ...headers },
      { endStream: false },
    );
    const [answer] = await once(stream, 'response');
    return { stream, status: Number(answer[':status']) };
  }

  test('the echo and its watcher share a session, and the watcher hears of both and of the frames', async () => {
    const { stream: watcher } = await open(`/frames?watch=${ID}`);
    let told = '';
    watcher.on('data', (chunk: Buffer) => (told += chunk.toString('latin1')));
    const { stream: echo } = await open(`/echo?watch=${ID}`);
    echo.write(HELLO);
    expect((await once(echo, 'data'))[0]).toEqual(hex`81 05 48656c6c6f`);
    while (!told.includes('"direction":"out"')) await once(watcher, 'data');
    expect(told).toContain('"wire":"818537fa213d7f9f4d5158"');
    expect(told).toContain('{"type":"socket","name":"frames","http":"HTTP/2","isSecure":true}');
    expect(told).toContain('{"type":"socket","name":"echo","http":"HTTP/2","isSecure":true}');
  });

  test('a refusal is a response, and the session goes on', async () => {
    expect((await open('/nothing')).status).toBe(404);
    expect((await open('/frames?watch=short')).status).toBe(404);
    expect((await open('/echo', { origin: 'https://elsewhere.example' })).status).toBe(403);
    expect((await open('/echo', { 'sec-websocket-version': '12' })).status).toBe(400);
    expect((await open('/echo', { origin })).status).toBe(200);
  });

  test('stopping closes every WebSocket with 1001 and ends the session', async () => {
    const { stream } = await open('/echo');
    const [said, closed] = [once(stream, 'data'), once(session, 'close')];
    const stopped = secure.stop();
    expect(((await said)[0] as Buffer).subarray(0, 4).toString('hex')).toMatch(/^88..03e9$/);
    stream.end();
    await Promise.all([closed, stopped]);
  });

  test('a reset stream takes nothing else with it', async () => {
    const { stream } = await open('/echo');
    stream.on('error', () => {});
    stream.write(HELLO.subarray(0, 4));
    stream.close(http2.constants.NGHTTP2_CANCEL);
    await once(stream, 'close');
    const { stream: next } = await open('/echo');
    next.write(HELLO);
    expect((await once(next, 'data'))[0]).toEqual(hex`81 05 48656c6c6f`);
  });
});
