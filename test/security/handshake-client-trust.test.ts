/** Whom a client trusts with its credentials, and whom with its bytes. */

import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
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

const servers: RawServer[] = [];
const open: Dialled[] = [];

afterEach(async () => {
  for (const { socket } of open.splice(0)) socket.destroy();
  await Promise.all(servers.splice(0).map((server) => server.close()));
});

async function serve(answer: (request: RawRequest) => void, tls = false): Promise<RawServer> {
  const server = await rawServer(answer, tls);
  servers.push(server);
  return server;
}

async function dialled(url: string, options: DialOptions): Promise<void> {
  open.push(await dial(url, options));
}

const accept = ({ socket, head }: RawRequest): void => {
  socket.write(accepted(head));
};

const redirectTo =
  (location: string) =>
  ({ socket }: RawRequest): void => {
    socket.write(responseHead('302 Found', [`Location: ${location}`, 'Content-Length: 0']));
  };

describe('redirects', () => {
  const headers = {
    Authorization: 'Bearer t',
    Cookie: 'id=1',
    'Proxy-Authorization': 'p',
    Host: 'virtual',
    'X-Trace': '7',
  };
  const names = Object.keys(headers);

  test('credentials stay behind when the origin changes', async () => {
    const target = await serve(accept);
    const first = await serve(redirectTo(`ws://127.0.0.1:${target.port}/`));
    await dialled(`ws://127.0.0.1:${first.port}`, { headers, followRedirects: true });
    const [before = '', after = ''] = [first.requests[0]?.head, target.requests[0]?.head];
    expect(names.map((name) => field(before, name)[0])).toEqual(Object.values(headers));
    expect(names.flatMap((name) => field(after, name))).toEqual([`127.0.0.1:${target.port}`, '7']);
  });

  test('and they do not come back when a third hop leads home', async () => {
    const away = await serve(({ socket }) => redirectTo(`ws://127.0.0.1:${home.port}/b`)({ socket, head: '' }));
    const home: RawServer = await serve((request) =>
      request.head.startsWith('GET /b') ? accept(request) : redirectTo(`ws://127.0.0.1:${away.port}/`)(request),
    );
    await dialled(`ws://127.0.0.1:${home.port}/a`, { headers, followRedirects: true });
    expect(field(home.requests[1]?.head ?? '', 'Authorization')).toEqual([]);
  });

  test('user information stays behind as well, and that of a Location is not used', async () => {
    const target = await serve(accept);
    const first = await serve(redirectTo(`ws://evil:pw@127.0.0.1:${target.port}/`));
    await dialled(`ws://u:p@127.0.0.1:${first.port}`, { followRedirects: true });
    expect(field(first.requests[0]?.head ?? '', 'Authorization')).toEqual(['Basic dTpw']);
    expect(field(target.requests[0]?.head ?? '', 'Authorization')).toEqual([]);
  });

  test('within one origin they are kept', async () => {
    const server = await serve((request) =>
      request.head.startsWith('GET /b') ? accept(request) : redirectTo('/b')(request),
    );
    await dialled(`ws://127.0.0.1:${server.port}/a`, { headers, followRedirects: true });
    const head = server.requests[1]?.head ?? '';
    expect(names.map((name) => field(head, name)[0])).toEqual(Object.values(headers));
  });

  test('from wss to ws there is no way', async () => {
    const plain = await serve(accept);
    const secure = await serve(redirectTo(`ws://localhost:${plain.port}/`), true);
    const options = { followRedirects: true, tls: { ca: TLS.cert } };
    await expect(dial(`wss://localhost:${secure.port}`, options)).rejects.toThrow('from wss to ws');
    expect(plain.requests).toHaveLength(0);
  });
});

describe('TLS', () => {
  const lookup: DialOptions['lookup'] = (_, options, done) =>
    options.all ? done(null, [{ address: '127.0.0.1', family: 4 }]) : done(null, '127.0.0.1', 4);

  test('a certificate that signed itself is refused by default', async () => {
    const server = await serve(accept, true);
    await expect(dial(`wss://localhost:${server.port}`)).rejects.toMatchObject({
      code: 'ERR_WS_UNREACHABLE',
      cause: { code: 'DEPTH_ZERO_SELF_SIGNED_CERT' },
    });
    expect(server.requests).toHaveLength(0);
  });

  test('a certificate for another host is refused by default', async () => {
    const server = await serve(accept, true);
    await expect(dial(`wss://other.test:${server.port}`, { lookup, tls: { ca: TLS.cert } })).rejects.toMatchObject({
      code: 'ERR_WS_UNREACHABLE',
      cause: { code: 'ERR_TLS_CERT_ALTNAME_INVALID' },
    });
    expect(server.requests).toHaveLength(0);
  });

  test('a server without TLS is refused', async () => {
    const server = createServer((socket) => socket.on('error', () => {}).end('HTTP/1.1 400 Bad Request\r\n\r\n'));
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    await expect(dial(`wss://127.0.0.1:${port}`)).rejects.toMatchObject({
      code: 'ERR_WS_UNREACHABLE',
      cause: { code: expect.stringMatching(/WRONG_VERSION|EPROTO/) },
    });
    server.close();
  });

  test('whoever switches verification off gets what he asked for', async () => {
    const server = await serve(accept, true);
    await dialled(`wss://localhost:${server.port}`, { tls: { rejectUnauthorized: false } });
    expect(server.requests).toHaveLength(1);
  });
});
