/** Well-kept proxy agents as `connect`'s `agent`, through tinyproxy, each in a process that must end by itself. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer as createHttpsServer } from 'node:https';
import { type AddressInfo, createServer as createTcpServer } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { createServer } from '../../src/server.js';
import { missing, type RunningProxy, startOnFreePort } from './support/proxies.js';
import { leave, type Row } from './support/results.js';

const TINYPROXY = { command: '/usr/bin/tinyproxy', from: 'Debian: tinyproxy-bin' };
const KEEPS_SOCKET =
  'Has no way to give up: its connection to a proxy that never answers stays open after our `handshakeTimeoutMs`.';

const AGENTS = [
  {
    name: 'https-proxy-agent',
    withoutCredentials: { code: 'ERR_WS_HANDSHAKE_REFUSED', status: 407 },
    notes: ["A refusal of the proxy is a `HandshakeError` with the proxy's `status`.", KEEPS_SOCKET],
  },
  {
    name: 'hpagent',
    withoutCredentials: { code: 'ERR_WS_UNREACHABLE' },
    notes: [
      "`HttpProxyAgent` for ws:, `HttpsProxyAgent` for wss:. A refusal of the proxy is `ERR_WS_UNREACHABLE`; the agent's error is the `cause`.",
      KEEPS_SOCKET,
    ],
  },
];

const tlsFile = (name: string) => readFileSync(join(__dirname, '../support/tls', name));
const portOf = (server: { address(): unknown }) => (server.address() as AddressInfo).port;
const versionIn = (name: string): string =>
  JSON.parse(readFileSync(join(__dirname, 'node_modules', name, 'package.json'), 'utf8')).version;

/** What the program prints, and how to hear that it has ended by itself. */
async function start(...args: string[]) {
  const program = spawn(process.execPath, [join(__dirname, 'programs/agents.mjs'), ...args], { stdio: 'pipe' });
  const ended = once(program, 'close');
  const [line] = await once(createInterface(program.stdout), 'line');
  return { program, ended, result: JSON.parse(line) };
}

/** What the program prints; a process that does not end makes the test time out. */
async function run(...args: string[]): Promise<object> {
  const { ended, result } = await start(...args);
  expect(await ended).toEqual([0, null]);
  return result;
}

const configuration = (port: number, folder: string) => `
Port ${port}
Listen 127.0.0.1
Allow 127.0.0.1
Timeout 60
BasicAuth user secret
PidFile "${folder}/pid"
`;

const notHere = missing(TINYPROXY);
const given = notHere === null ? describe : describe.skip;

given(notHere === null ? 'through tinyproxy' : `tinyproxy is not here: ${notHere}`, () => {
  const rows: Row[] = [];
  const plain = createServer((ws) => ws.pipe(ws));
  const https = createHttpsServer({ cert: tlsFile('cert.pem'), key: tlsFile('key.pem') });
  const secure = createServer({ server: https }, (ws) => ws.pipe(ws));
  const silent = createTcpServer((socket) => socket.on('error', () => {}).resume());
  let proxy: RunningProxy;

  beforeAll(async () => {
    const args = (folder: string) => ['-d', '-c', join(folder, 'proxy.conf')];
    proxy = await startOnFreePort(TINYPROXY.command, configuration, args);
    for (const server of [plain, https, silent]) await once(server.listen(0, '127.0.0.1'), 'listening');
  });
  afterAll(async () => {
    leave('agents', rows);
    await Promise.all([plain.close({ timeoutMs: 1 }), secure.close({ timeoutMs: 1 }), proxy.stop()]);
    https.close();
    silent.close();
  });

  const ECHOED = { text: 'héllo', length: 1_048_577, received: { code: 1000 } };

  describe.each(AGENTS)('$name', ({ name, withoutCredentials, notes }) => {
    const passed = { tunnel: 0, tls: 0, refusal: 0, abort: 0 };
    const url = (credentials = 'user:secret@') => `http://${credentials}127.0.0.1:${proxy.port}`;
    afterAll(() => {
      rows.push({ name, from: `npm: ${name}`, version: versionIn(name), role: 'agent', passed, notes });
    });

    test('tunnels ws:', async () => {
      expect(await run(name, url(), `ws://127.0.0.1:${portOf(plain)}`)).toMatchObject(ECHOED);
      passed.tunnel = 1;
    });

    test('tunnels wss:, and the certificate is still checked', async () => {
      expect(await run(name, url(), `wss://localhost:${portOf(https)}`)).toMatchObject(ECHOED);
      const untrusted = await run(name, url(), `wss://localhost:${portOf(https)}`, 'untrusting');
      expect(untrusted).toEqual({ code: 'ERR_WS_UNREACHABLE' });
      passed.tls = 1;
    });

    test('a proxy that refuses is an error with a code', async () => {
      expect(await run(name, url(''), `ws://127.0.0.1:${portOf(plain)}`)).toEqual(withoutCredentials);
      passed.refusal = 1;
    });

    test('a proxy that never answers is given up after handshakeTimeoutMs', async () => {
      const target = `ws://127.0.0.1:${portOf(plain)}`;
      const { program, ended, result } = await start(name, `http://127.0.0.1:${portOf(silent)}`, target);
      program.kill('SIGKILL');
      await ended;
      expect(result).toEqual({ code: 'ERR_WS_HANDSHAKE_TIMEOUT' });
      passed.abort = 1;
    });
  });

  test("undici's ProxyAgent is no agent of Node: a UsageError says so", async () => {
    const result = await run('undici', `http://127.0.0.1:${proxy.port}`, `ws://127.0.0.1:${portOf(plain)}`);
    expect(result).toEqual({ code: 'ERR_WS_USAGE' });
  });
});
