/** nghttpx in between: HTTP/2 outside, HTTP/1.1 inside. */
import { type ChildProcess, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { connect as connectTcp } from 'node:net';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { connect } from '../../src/client.js';
import type { WebSocketDuplex } from '../../src/duplex/websocket-duplex.js';
import { freePort } from '../support/free-port.js';
import { IDENTITY } from '../support/http2.js';
import { afterTest, serving } from '../support/web-sockets.js';

const TLS = join(__dirname, '../support/tls');
const SIZE = 100 * 2 ** 20;
const CHUNK = Buffer.alloc(65_536, 'framepipe over nghttpx ');

/** Resolves when somebody listens at `port`; rejects when the process ends before. */
async function listening(port: number, proxy: ChildProcess): Promise<void> {
  while (proxy.exitCode === null) {
    const socket = connectTcp(port, '127.0.0.1');
    const isOpen = await new Promise((resolve) =>
      socket.once('connect', () => resolve(true)).once('error', () => resolve(false)),
    );
    socket.destroy();
    if (isOpen) return;
  }
  throw new Error(`nghttpx ended with ${proxy.exitCode}.`);
}

/** nghttpx in front of `backend`: the URL of its front. */
async function proxied(backend: number): Promise<string> {
  const port = await freePort();
  const args = [
    `-f127.0.0.1,${port}`,
    `-b127.0.0.1,${backend}`,
    '--workers=1',
    '--no-ocsp',
    '--errorlog-file=/dev/null',
  ];
  const proxy = spawn('nghttpx', ['--conf=/dev/null', ...args, join(TLS, 'key.pem'), join(TLS, 'cert.pem')], {
    stdio: 'ignore',
  });
  afterTest(async () => {
    if (proxy.exitCode !== null) return;
    const exited = once(proxy, 'exit');
    proxy.kill('SIGKILL');
    await exited;
  });
  await listening(port, proxy);
  return `wss://localhost:${port}`;
}

function client(url: string): WebSocketDuplex {
  const ws = connect(url, { http: '2', tls: { ca: IDENTITY.cert }, origin: undefined });
  afterTest(() => ws.destroy());
  return ws;
}

function* chunks(): Generator<Buffer> {
  for (let sent = 0; sent < SIZE; sent += CHUNK.length) yield CHUNK;
}

/** SHA-256 of what `chunks` yields. */
function expected(): string {
  const hash = createHash('sha256');
  for (const chunk of chunks()) hash.update(chunk);
  return hash.digest('hex');
}

/** What was read, as a hash and a size. */
async function digest(ws: WebSocketDuplex): Promise<{ hash: string; bytes: number }> {
  const hash = createHash('sha256');
  let bytes = 0;
  for await (const message of ws) {
    hash.update(message);
    bytes += message.length;
  }
  return { hash: hash.digest('hex'), bytes };
}

test('100 MiB from the client to the server', async () => {
  const arrived: Promise<{ hash: string; bytes: number }>[] = [];
  const versions: unknown[] = [];
  const { port } = await serving({}, (ws, request) => {
    versions.push(request.httpVersion);
    arrived.push(digest(ws));
  });
  const ws = client(await proxied(port));
  Readable.from(chunks()).pipe(ws);
  ws.resume();
  expect(await ws.closed).toMatchObject({ code: 1000 });
  expect(await arrived[0]).toEqual({ hash: expected(), bytes: SIZE });
  expect([versions, ws.response?.httpVersion]).toEqual([['1.1'], '2.0']);
});

test('100 MiB from the server to the client', async () => {
  const { port } = await serving({}, (ws) => {
    Readable.from(chunks()).pipe(ws.resume());
  });
  const ws = client(await proxied(port));
  expect(await digest(ws)).toEqual({ hash: expected(), bytes: SIZE });
  expect(await ws.closed).toMatchObject({ code: 1000 });
});
