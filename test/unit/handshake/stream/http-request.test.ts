import { once } from 'node:events';
import { Agent, globalAgent, type IncomingMessage } from 'node:http';
import { parseTarget } from '../../../../src/handshake/client-url.js';
import { crossOriginTransport, httpVersion, openRequest } from '../../../../src/handshake/stream/http-request.js';
import { field, type RawServer, rawServer, responseHead, TLS } from '../../../support/raw-server.js';

const servers: RawServer[] = [];

afterEach(() => Promise.all(servers.splice(0).map((server) => server.close())));

async function serve(tls = false): Promise<RawServer> {
  const server = await rawServer(({ socket }) => socket.end(responseHead('204 No Content')), tls);
  servers.push(server);
  return server;
}

test('it asks for the target, with the headers given and no others', async () => {
  const server = await serve();
  const request = openRequest(parseTarget(`ws://127.0.0.1:${server.port}/a?b`), { Host: 'h', Connection: 'close' }, {});
  await once(request.end(), 'response');
  expect(server.requests[0]?.head).toBe('GET /a?b HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n');
});

test('nothing goes through the global agent by default; an agent that is given is used', async () => {
  const server = await serve();
  const target = parseTarget(`ws://127.0.0.1:${server.port}`);
  const agent = new Agent();
  const [first, second] = [openRequest(target, {}, {}), openRequest(target, {}, { agent })];
  await Promise.all([once(first.end(), 'response'), once(second.end(), 'response')]);
  expect(first).not.toHaveProperty('agent', globalAgent);
  expect(second).toHaveProperty('agent', agent);
});

test('TLS options apply to wss, except for ALPN', async () => {
  const server = await serve(true);
  const tls = { ca: TLS.cert, servername: 'localhost', ALPNProtocols: ['h2'] };
  const request = openRequest(parseTarget(`wss://127.0.0.1:${server.port}`), { Host: 'h' }, { tls });
  const [response] = (await once(request.end(), 'response')) as [IncomingMessage];
  expect(response.socket).toMatchObject({ authorized: true, servername: 'localhost', alpnProtocol: 'http/1.1' });
  expect(field(server.requests[0]?.head ?? '', 'Host')).toEqual(['h']);
});

test('what Node rejects is a UsageError', () => {
  const target = parseTarget('wss://host');
  for (const transport of [{ tls: { cert: 'none' } }, { agent: new Agent() }]) {
    expect(() => openRequest(target, {}, transport)).toThrow(expect.objectContaining({ code: 'ERR_WS_USAGE' }));
  }
});

test('what identifies us or the host stays behind when the origin changes', () => {
  const identity = { cert: 'c', key: 'k', pfx: 'p', passphrase: 's', servername: 'n' };
  const tls = { ...identity, ca: 'a', rejectUnauthorized: true };
  expect(crossOriginTransport({ family: 4, tls })).toEqual({ family: 4, tls: { ca: 'a', rejectUnauthorized: true } });
  expect(crossOriginTransport({})).toEqual({ tls: {} });
});

test('the version is 1.1 unless it is said, or a session says it; what contradicts it is a UsageError', () => {
  const session = {} as never;
  expect(httpVersion({})).toBe('1.1');
  expect(httpVersion({ http: 'auto' })).toBe('auto');
  expect(httpVersion({ session })).toBe('2');
  expect(crossOriginTransport({ session })).toEqual({ tls: {}, http: '2' });
  const wrong = [{ http: '3' as never }, { http: '1.1', session }, { http: '2', agent: new Agent() }] as const;
  for (const options of [...wrong, { http: 'auto', createConnection: () => undefined } as const]) {
    expect(() => httpVersion(options)).toThrow(expect.objectContaining({ code: 'ERR_WS_USAGE' }));
  }
});
