/** The process itself: `dist/demo/main.js`, which `npm test` has built. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';

const running: ChildProcess[] = [];

afterEach(() => {
  for (const child of running.splice(0)) child.kill('SIGKILL');
});

function start(env: Record<string, string>) {
  const child = spawn(process.execPath, ['dist/demo/main.js'], { env: { ...process.env, ...env } });
  running.push(child);
  const output = { out: '', err: '' };
  child.stdout.on('data', (text: Buffer) => (output.out += text));
  child.stderr.on('data', (text: Buffer) => (output.err += text));
  return { child, output };
}

async function ready(env: Record<string, string>) {
  const started = start(env);
  await once(started.child.stdout as NodeJS.EventEmitter, 'data');
  const [url] = /http:\S+/.exec(started.output.out) ?? [];
  return { ...started, url: url ?? '' };
}

test.each(['SIGINT', 'SIGTERM'] as const)('serves on a free port, prints it, and %s ends it with 0', async (signal) => {
  const { child, url } = await ready({ PORT: '0' });
  expect(url).toMatch(/^http:\/\/127\.0\.0\.1:[1-9]\d*\/$/);
  expect((await fetch(url)).status).toBe(200);
  child.kill(signal);
  expect(await once(child, 'exit')).toEqual([0, null]);
});

test('a port in use is one sentence and exit code 1', async () => {
  const other = createServer().listen(0, '127.0.0.1');
  await once(other, 'listening');
  const { port } = other.address() as AddressInfo;
  const { child, output } = start({ PORT: String(port) });
  const [code] = await once(child, 'close');
  other.close();
  expect(code).toBe(1);
  expect(output.err).toBe(`Port ${port} is in use. PORT=0 npm start takes a free one.\n`);
});

test.each(['http', '-1', '65536', '80.5'])('PORT=%s is refused in words', async (port) => {
  const { child, output } = start({ PORT: port });
  const [code] = await once(child, 'close');
  expect(code).toBe(1);
  expect(output.err).toBe(`PORT is ${port}; a port is 0 to 65535.\n`);
});
