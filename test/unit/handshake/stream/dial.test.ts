import { once } from 'node:events';
import { Agent } from 'node:http';
import { connect } from 'node:net';
import type { Duplex } from 'node:stream';
import { type Dialled, type DialOptions, dial } from '../../../../src/handshake/stream/dial.js';
import {
  accepted,
  field,
  type RawRequest,
  type RawServer,
  rawServer,
  responseHead,
  TLS,
} from '../../../support/raw-server.js';

const open: Duplex[] = [];
const servers: RawServer[] = [];

afterEach(async () => {
  for (const socket of open.splice(0)) socket.destroy();
  await Promise.all(servers.splice(0).map((server) => server.close()));
});

async function serve(answer: (request: RawRequest) => void, tls = false): Promise<RawServer> {
  const server = await rawServer(answer, tls);
  servers.push(server);
  return server;
}

async function dialled(url: string, options?: DialOptions): Promise<Dialled> {
  const result = await dial(url, options);
  open.push(result.socket);
  return result;
}

const accept = ({ socket, head }: RawRequest): void => {
  socket.write(accepted(head));
};

test('it resolves with the socket, the bytes behind the head, the offer and what was granted', async () => {
  const server = await serve(({ socket, head }) => {
    socket.write(`${accepted(head, 'Sec-WebSocket-Protocol: b', 'Sec-WebSocket-Extensions: x')}\x81\x00`, 'latin1');
  });
  const extensions = [{ name: 'x', parameters: [] }];
  const result = await dialled(`http://127.0.0.1:${server.port}/chat?room=1`, { subprotocols: ['a', 'b'], extensions });
  expect(result).toMatchObject({ subprotocol: 'b', extensions, url: `ws://127.0.0.1:${server.port}/chat?room=1` });
  expect(result.head).toEqual(Buffer.from('8100', 'hex'));
  expect(result.response.statusCode).toBe(101);
  const head = server.requests[0]?.head ?? '';
  expect(head).toMatch(/^GET \/chat\?room=1 HTTP\/1\.1\r\nHost: 127\.0\.0\.1:\d+\r\nConnection: Upgrade\r\n/);
  expect(field(head, 'Sec-WebSocket-Key')).toEqual([result.offer.key]);
  expect(field(head, 'Sec-WebSocket-Protocol')).toEqual(['a, b']);
});

test('the socket is paused, without a timeout, and speaks both ways', async () => {
  const server = await serve(accept);
  const { socket } = await dialled(`ws://127.0.0.1:${server.port}`, { agent: new Agent({ timeout: 9_999 }) });
  expect(socket).toMatchObject({ readableFlowing: null, timeout: 0 });
  const peer = server.requests[0]?.socket;
  peer?.removeAllListeners('data');
  peer?.on('data', (chunk) => peer.write(chunk));
  socket.write('echo');
  expect(String((await once(socket, 'data'))[0])).toBe('echo');
});

test('informational responses before the 101 are skipped', async () => {
  const server = await serve(({ socket, head }) => {
    socket.write(`${responseHead('100 Continue')}${responseHead('103 Early Hints', ['Link: </a>'])}${accepted(head)}`);
  });
  expect((await dialled(`ws://127.0.0.1:${server.port}`)).response.statusCode).toBe(101);
});

describe('a refusal', () => {
  const refuse = async (answer: string | Buffer, end = true) => {
    const server = await serve(({ socket }) => (end ? socket.end(answer) : socket.write(answer)));
    return dial(`ws://127.0.0.1:${server.port}`).catch((error: Error) => error);
  };

  test('quotes the status and the body, made printable', async () => {
    const error = await refuse(`${responseHead('401 Unauthorized', ['Content-Length: 12'])}no\r\ntoken\x1b[1`);
    expect(error).toMatchObject({ code: 'ERR_WS_HANDSHAKE_REFUSED', name: 'HandshakeError', status: 401 });
    expect((error as Error).message).toBe('The handshake was refused (status 401, body "no token·[1").');
  });

  test('reads at most 1 KiB of a body that never ends', async () => {
    const chunk = `400\r\n${'x'.repeat(0x400)}\r\n`;
    const error = await refuse(
      `${responseHead('503 Busy', ['Transfer-Encoding: chunked'])}${chunk.repeat(100)}`,
      false,
    );
    expect((error as Error).message).toHaveLength('The handshake was refused (status 503, body "").'.length + 1024);
  });

  test('without a body has no body to quote', async () => {
    expect(await refuse(responseHead('404 Not Found', ['Content-Length: 0']))).toMatchObject({
      message: 'The handshake was refused (status 404).',
    });
  });

  test.each(['200 OK', '204 No Content'])('%s is not an upgrade', async (status) => {
    const error = await refuse(
      responseHead(status, ['Upgrade: websocket', 'Connection: Upgrade', 'Content-Length: 0']),
    );
    expect(error).toMatchObject({ code: 'ERR_WS_HANDSHAKE_INVALID', status: Number.parseInt(status, 10) });
  });

  test('a redirect is one unless redirects are asked for', async () => {
    expect(await refuse(responseHead('302 Found', ['Location: /b', 'Content-Length: 0']))).toMatchObject({
      status: 302,
    });
  });

  test('a 101 that Node does not take for an upgrade is none', async () => {
    expect(await refuse(responseHead('101 Switching Protocols', ['Upgrade: websocket']))).toMatchObject({
      code: 'ERR_WS_HANDSHAKE_INVALID',
      message: expect.stringContaining('Connection is missing'),
    });
  });

  test('what is not HTTP is not a WebSocket', async () => {
    const error = await refuse('SSH-2.0-OpenSSH_9.6\r\n');
    expect(error).toMatchObject({ code: 'ERR_WS_HANDSHAKE_INVALID', cause: { code: 'HPE_INVALID_CONSTANT' } });
  });

  test('a server that hangs up has refused', async () => {
    expect(await refuse('')).toMatchObject({
      code: 'ERR_WS_UNREACHABLE',
      status: null,
      cause: { code: 'ECONNRESET' },
    });
  });

  test('leaves no connection behind', async () => {
    const server = await serve(({ socket }) => socket.write(responseHead('403 Forbidden', ['Content-Length: 5'])));
    const outcome = dial(`ws://127.0.0.1:${server.port}`, { agent: new Agent({ keepAlive: true }) });
    const failed = expect(outcome).rejects.toMatchObject({ status: 403 });
    while (server.requests.length === 0) await new Promise(setImmediate);
    const peer = server.requests[0]?.socket;
    peer?.write('no no');
    await failed;
    if (peer?.readableEnded === false) await once(peer, 'end');
  });
});

describe('a connection that fails', () => {
  test('is a HandshakeError with the cause that Node gives', async () => {
    const server = await serve(() => {});
    await servers.pop()?.close();
    await expect(dial(`ws://127.0.0.1:${server.port}`)).rejects.toMatchObject({
      code: 'ERR_WS_UNREACHABLE',
      status: null,
      message: expect.stringContaining('ECONNREFUSED'),
      cause: { code: 'ECONNREFUSED' },
    });
  });

  test('a name that does not resolve, too', async () => {
    const lookup: DialOptions['lookup'] = (hostname, _, done) => {
      done(Object.assign(new Error(`getaddrinfo ENOTFOUND ${hostname}`), { code: 'ENOTFOUND' }), []);
    };
    await expect(dial('ws://nowhere.test', { lookup })).rejects.toMatchObject({ cause: { code: 'ENOTFOUND' } });
  });
});

describe('giving up', () => {
  test('an unanswered handshake ends in its own error', async () => {
    const server = await serve(() => {});
    await expect(dial(`ws://127.0.0.1:${server.port}`, { handshakeTimeoutMs: 20 })).rejects.toMatchObject({
      code: 'ERR_WS_HANDSHAKE_TIMEOUT',
      facts: { handshakeTimeoutMs: 20 },
    });
  });

  test('the signal stops it with its own reason: before, during, and no more afterwards', async () => {
    const silent = await serve(() => {});
    const url = `ws://127.0.0.1:${silent.port}`;
    await expect(dial(url, { signal: AbortSignal.abort('early') })).rejects.toBe('early');
    expect(silent.requests).toHaveLength(0);
    const controller = new AbortController();
    const outcome = dial(url, { signal: controller.signal });
    setImmediate(() => controller.abort('late'));
    await expect(outcome).rejects.toBe('late');
    const server = await serve(accept);
    const after = new AbortController();
    const { socket } = await dialled(`ws://127.0.0.1:${server.port}`, { signal: after.signal });
    after.abort();
    expect(socket.destroyed).toBe(false);
  });
});

describe('options', () => {
  test('a mistake is thrown at once', () => {
    expect(() => dial('ftp://host')).toThrow(expect.objectContaining({ code: 'ERR_WS_USAGE' }));
    const createConnection = () => connect(1);
    expect(() => dial('ws://host', { agent: new Agent(), createConnection })).toThrow('not both');
  });

  test('what Node rejects is the mistake of the caller, too', async () => {
    await expect(dial('wss://127.0.0.1:1', { tls: { cert: 'no certificate' } })).rejects.toMatchObject({
      code: 'ERR_WS_USAGE',
    });
  });

  test('createConnection makes the connection', async () => {
    const server = await serve(accept);
    const createConnection = () => connect(server.port, '127.0.0.1');
    const { url } = await dialled('ws://elsewhere.test/a', { createConnection });
    expect(url).toBe('ws://elsewhere.test/a');
    expect(field(server.requests[0]?.head ?? '', 'Host')).toEqual(['elsewhere.test']);
  });

  test('wss verifies, and speaks http/1.1 alone', async () => {
    const server = await serve(accept, true);
    const { socket } = await dialled(`wss://localhost:${server.port}`, {
      tls: { ca: TLS.cert, ALPNProtocols: ['h2'] },
    });
    expect(socket).toMatchObject({ authorized: true, alpnProtocol: 'http/1.1' });
  });
});
