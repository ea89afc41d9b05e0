/**
 * `framepipe serve` over TLS: the certificate it makes, the one it is given, and both versions of HTTP on one port.
 *
 * Knows: processes; the ws package, Node's https and http2, and `framepipe connect` as clients.
 * Does not know: the inspector page (test/browser).
 */
import { once } from 'node:events';
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import http2 from 'node:http2';
import { get } from 'node:https';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { connect as connectTls } from 'node:tls';
import { WebSocket } from 'ws';
import { connect } from '../../src/client.js';
import { Programs, ROOT } from './support/program.js';

const TLS = resolve(ROOT, 'test/support/tls');
const [CERT, KEY] = [join(TLS, 'cert.pem'), join(TLS, 'key.pem')];

const programs = new Programs();
const folder = mkdtempSync(join(tmpdir(), 'framepipe-tls-'));

beforeAll(() => {
  mkdirSync(join(folder, 'public'));
  writeFileSync(join(folder, 'public/data.bin'), Buffer.alloc(500_000, 'x'));
});
afterEach(() => programs.end());
afterAll(() => rmSync(folder, { recursive: true }));

async function serving(...flags: string[]): Promise<string> {
  const [url] = await programs.start('serve', '--port', 0, ...flags).says(/wss:\/\/\S+/);
  return url;
}

/** What the ws package, which knows HTTP/1.1 only, gets back for `hello`. */
async function echoOverHttp1(url: string): Promise<string> {
  const ws = new WebSocket(url, { rejectUnauthorized: false });
  await once(ws, 'open');
  ws.send('hello');
  const [data] = await once(ws, 'message');
  ws.terminate();
  return String(data);
}

async function echoOverHttp2(url: string): Promise<[string, string | undefined]> {
  const ws = connect(url, { http: '2', tls: { rejectUnauthorized: false } });
  ws.write('hello');
  const [message] = await once(ws, 'data');
  const version = ws.response?.httpVersion;
  await ws.close();
  return [String(message), version];
}

/** Status and size of an answer over HTTP/2. */
async function ask(url: string, path: string): Promise<[number, number]> {
  const session = http2.connect(url.replace('wss', 'https'), { rejectUnauthorized: false });
  const stream = session.request({ ':path': path });
  let bytes = 0;
  stream.on('data', (chunk: Buffer) => (bytes += chunk.length));
  const [headers] = await once(stream, 'response');
  await once(stream, 'end');
  session.destroy();
  return [Number(headers[':status']), bytes];
}

describe.each([['--tls'], ['--http2'], ['--tls', '--chat'], ['--tls', '--inspect']])('%s %s', (...flags) => {
  test('WebSockets over HTTP/2 and over HTTP/1.1 on one port', async () => {
    const url = await serving(...flags.filter((flag) => flag !== undefined));
    expect(await echoOverHttp2(url)).toEqual(['hello', '2.0']);
    expect(await echoOverHttp1(url)).toBe('hello');
  });
});

test('the certificate is for this machine and for a few days, on an elliptic curve', async () => {
  const { port } = new URL(await serving('--tls'));
  const socket = connectTls({ port: Number(port), host: '127.0.0.1', rejectUnauthorized: false });
  await once(socket, 'secureConnect');
  const certificate = socket.getPeerCertificate();
  socket.destroy();
  expect(certificate.subjectaltname).toBe('DNS:localhost, IP Address:127.0.0.1, IP Address:0:0:0:0:0:0:0:1');
  expect((certificate as { asn1Curve?: string }).asn1Curve).toBe('prime256v1');
  const days = (Date.parse(certificate.valid_to) - Date.parse(certificate.valid_from)) / 86_400_000;
  expect(days).toBeGreaterThan(1);
  expect(days).toBeLessThan(5);
});

test('files come over HTTP/2, and what is no file is 404 without a warning', async () => {
  const server = programs.start('serve', '--port', 0, '--tls', '--dir', join(folder, 'public'));
  const [url] = await server.says(/wss:\/\/\S+/);
  expect(await ask(url, '/data.bin')).toEqual([200, 500_000]);
  expect((await ask(url, '/nothing'))[0]).toBe(404);
  const { code, err } = await server.interrupt().ended;
  expect([code, err]).toEqual([130, '']);
});

test('a request that is no WebSocket is 404 over HTTP/2 and 426 over HTTP/1.1', async () => {
  const server = programs.start('serve', '--port', 0, '--tls');
  const [url] = await server.says(/wss:\/\/\S+/);
  expect((await ask(url, '/'))[0]).toBe(404);
  const [response] = await once(get(url.replace('wss', 'https'), { rejectUnauthorized: false }), 'response');
  response.resume();
  expect(response.statusCode).toBe(426);
  expect((await server.interrupt().ended).err).toBe('');
});

test('--cert and --key are used as they are; a client that trusts them connects', async () => {
  const url = await serving('--cert', CERT, '--key', KEY);
  const { code, out } = await programs.run(['connect', '--ca', CERT, '--wait', '1s', url], 'hello\n');
  expect([code, out]).toEqual([0, 'hello\n']);
});

test('without selfsigned, --tls says what to install; --cert does not need it', async () => {
  const installed = join(folder, 'installed');
  cpSync(resolve(ROOT, 'dist'), join(installed, 'dist'), { recursive: true });
  cpSync(resolve(ROOT, 'package.json'), join(installed, 'package.json'));
  mkdirSync(join(installed, 'node_modules'));
  for (const name of ['commander', 'readable-stream']) {
    symlinkSync(resolve(ROOT, 'node_modules', name), join(installed, 'node_modules', name));
  }
  const main = join(installed, 'dist/cli/main.js');
  const bare = programs.startOther('node', [main, 'serve', '--port', '0', '--tls']);
  expect(await bare.ended).toMatchObject({
    code: 1,
    err: expect.stringMatching(/^framepipe: --tls needs the package selfsigned .*npm install selfsigned.*\n$/),
  });
  const given = programs.startOther('node', [main, 'serve', '--port', '0', '--cert', CERT, '--key', KEY]);
  await given.says(/wss:/);
});

test.each([
  [['--cert', CERT], 2, /^framepipe: --cert and --key go together\.\n$/],
  [['--tls', '--key', KEY], 2, /^framepipe: --cert and --key go together\.\n$/],
  [['--cert', KEY, '--key', KEY], 2, /^framepipe: .* are no certificate and its key in PEM: .*\n$/],
  [['--cert', 'no-such.pem', '--key', KEY], 1, /^framepipe: There is no no-such\.pem\.\n$/],
])('%j is exit code %d and one line', async (flags, code, says) => {
  const ended = await programs.run(['serve', '--port', 0, ...flags]);
  expect([ended.code, ended.err]).toEqual([code, expect.stringMatching(says)]);
});
