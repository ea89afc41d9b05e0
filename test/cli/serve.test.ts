/**
 * `framepipe serve`: every mode, talked to by other implementations, and how it starts and stops.
 *
 * Knows: processes, the ws package as a client. Does not know: the inspector page (test/browser).
 */
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type ClientOptions, WebSocket } from 'ws';
import { Programs } from './support/program.js';

const programs = new Programs();
const clients: WebSocket[] = [];
const folder = mkdtempSync(join(tmpdir(), 'framepipe-serve-'));

beforeAll(() => {
  mkdirSync(join(folder, 'public'));
  writeFileSync(join(folder, 'secret.txt'), 'secret');
  writeFileSync(join(folder, 'public/.hidden'), 'hidden');
  writeFileSync(join(folder, 'public/index.html'), '<p>hello</p>');
  writeFileSync(join(folder, 'public/data.bin'), Buffer.alloc(500_000, 'x'));
  symlinkSync(join(folder, 'secret.txt'), join(folder, 'public/link.txt'));
});
afterEach(async () => {
  for (const client of clients.splice(0)) client.terminate();
  await programs.end();
});
afterAll(() => rmSync(folder, { recursive: true }));

async function client(url: string, options: ClientOptions = {}): Promise<WebSocket> {
  const ws = new WebSocket(url, options);
  clients.push(ws);
  ws.on('error', () => {});
  await once(ws, 'open');
  return ws;
}

const next = async (ws: WebSocket) => String((await once(ws, 'message'))[0]);
const ending = async (ws: WebSocket) => {
  const [code, reason] = await once(ws, 'close');
  return [code, String(reason)];
};

/** Resolves when `pid` is no process any more. */
async function gone(pid: number): Promise<void> {
  while (existsSync(`/proc/${pid}`) && !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'))) {
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

describe('modes', () => {
  test('--echo sends both types back, and is the default', async () => {
    const { url } = await programs.serve();
    const ws = await client(url);
    ws.send('text');
    expect(await next(ws)).toBe('text');
    ws.send(Buffer.alloc(20 * 1024 * 1024));
    const [data, isBinary] = await once(ws, 'message');
    expect([data.length, isBinary]).toEqual([20 * 1024 * 1024, true]);
  });

  test('--echo: a short message comes back as one frame, text as text', async () => {
    const { url } = await programs.serve('--echo');
    const flags = ['connect', '--frames', '--wait', '1s', url];
    const { out, err } = await programs.run(flags, 'zwölf\n\n');
    expect(out).toBe('zwölf\n\n');
    expect(err.match(/← text/g)).toHaveLength(2);
    expect(err).not.toMatch(/continuation/);
  });

  test('--chat sends to everybody, the sender too', async () => {
    const { url } = await programs.serve('--chat');
    const [one, two] = [await client(url), await client(url)];
    one.send('hello');
    expect(await Promise.all([next(one), next(two)])).toEqual(['hello', 'hello']);
  });

  test('--chat: who reads nothing is shown out with 1013, and the others go on', async () => {
    const { url } = await programs.serve('--chat');
    const [sleeper, talker] = [await client(url), await client(url)];
    sleeper.pause();
    const message = Buffer.alloc(1024 * 1024 - 1, 'x');
    let heard = 0;
    for (; heard < 40; heard++) {
      talker.send(message);
      await once(talker, 'message');
    }
    const ended = ending(sleeper);
    sleeper.resume();
    expect([heard, (await ended)[0]]).toEqual([40, 1013]);
  });

  test('--exec: messages are lines, both ways; its end is ours', async () => {
    const { url } = await programs.serve(
      '--exec',
      'while read line; do echo "got $line"; [ "$line" = stop ] && exit 3; done',
    );
    const ws = await client(`${url}some/path`);
    ws.send('one');
    expect(await next(ws)).toBe('got one');
    ws.send('stop');
    expect(await Promise.all([next(ws), ending(ws)])).toEqual(['got stop', [1011, 'exit code 3']]);
  });

  test('--exec --binary: bytes, and the end of stdin comes through', async () => {
    const { url } = await programs.serve('--exec', 'tr a-z A-Z', '--binary');
    expect(await programs.run(['connect', '--binary', url], 'hello')).toMatchObject({ code: 0, out: 'HELLO' });
  });

  test('--exec: the process and its children die with the connection', async () => {
    const { url } = await programs.serve('--exec', 'echo $$; sleep 1000 & echo $!; wait');
    const ws = await client(url);
    const pids: number[] = [];
    await new Promise<void>((resolve) => {
      ws.on('message', (data) => pids.push(Number(data)) === 2 && resolve());
    });
    ws.terminate();
    await Promise.all(pids.map(gone));
  });

  test('--exec knows who asked for what', async () => {
    const { url } = await programs.serve('--exec', 'echo "$REMOTE_ADDR $REQUEST_URI"');
    expect(await next(await client(`${url}a?b`))).toBe('127.0.0.1 /a?b');
  });

  test('--dir sends a file as a message and over HTTP, and nothing from outside', async () => {
    const { url } = await programs.serve('--dir', join(folder, 'public'));
    const file = await programs.run(['connect', '--binary', '--no-stdin', `${url}data.bin`]);
    expect([file.code, file.out.length]).toEqual([0, 500_000]);
    const page = await fetch(url.replace('ws:', 'http:'));
    expect([page.status, page.headers.get('content-type'), await page.text()]).toEqual([
      200,
      'text/html; charset=utf-8',
      '<p>hello</p>',
    ]);
    for (const path of ['link.txt', '.hidden', '%2e%2e/secret.txt', 'nothing']) {
      expect((await fetch(url.replace('ws:', 'http:') + path)).status).toBe(404);
      const { code, err } = await programs.run(['connect', '-b', '--no-stdin', url + path]);
      expect([code, err]).toEqual([1, expect.stringContaining('4404: There is no such file.')]);
    }
  });

  test('--inspect is the page and its echo', async () => {
    const program = programs.start('serve', '--inspect', '--port', 0);
    const [, page = ''] = await program.says(/framepipe demo: (http:\S+)\n/);
    const [, echo = ''] = await program.says(/WebSocket echo: (ws:\S+)\n/);
    await program.says(/^Only this machine can open it; --host 0\.0\.0\.0 lets a phone in too\.$/m);
    expect((await fetch(page)).status).toBe(200);
    const ws = await client(echo);
    ws.send('hello');
    expect(await next(ws)).toBe('hello');
  });
});

describe('who may come in', () => {
  const refused = async (url: string, origin: string) => {
    const ws = new WebSocket(url, { origin }).on('error', () => {});
    return (await once(ws, 'unexpected-response'))[1].statusCode;
  };

  test('no page of another origin, unless it is let in', async () => {
    const { url } = await programs.serve();
    expect(await refused(url, 'https://evil.example')).toBe(403);
    const open = await programs.serve('--origins', 'https://good.example');
    await client(open.url, { origin: 'https://good.example' });
    expect(await refused(open.url, 'https://evil.example')).toBe(403);
  });

  test('-s agrees on a subprotocol, -v tells who comes and goes', async () => {
    const { server, url } = await programs.serve('-s', 'chat', '-v');
    const ws = new WebSocket(url, ['chat']);
    clients.push(ws);
    await once(ws, 'open');
    expect(ws.protocol).toBe('chat');
    ws.close(1000, 'bye');
    await server.says(/#1 open {3}127\.0\.0\.1:\d+ \/\n#1 closed 1000 \(normal\): bye;/);
  });
});

describe('how it starts and stops', () => {
  test('SIGTERM closes with 1001, as Ctrl-C does', async () => {
    const { server, url } = await programs.serve();
    const ws = await client(url);
    server.process.kill('SIGTERM');
    expect(await ending(ws)).toEqual([1001, '']);
    expect(await server.ended).toMatchObject({ code: 143, err: '' });
  });

  test('--json says where, --quiet nothing', async () => {
    const program = programs.start('serve', '--json', '--port', 0);
    const [line] = await program.says(/.*\n/);
    expect(JSON.parse(line)).toEqual({ url: expect.stringMatching(/^ws:\/\/127\.0\.0\.1:\d+\/$/), mode: 'echo' });
  });

  test('a port in use is one sentence and exit code 1', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    const { port } = other.address() as AddressInfo;
    for (const mode of ['--echo', '--inspect']) {
      const { code, err } = await programs.run(['serve', '--port', port, mode]);
      expect([code, err]).toEqual([1, `framepipe: Port ${port} is in use; port 0 is any free one.\n`]);
    }
    other.close();
  });

  test('PORT and HOST are the defaults of --port and --host', async () => {
    const env = { ...process.env, PORT: '0', HOST: 'localhost' };
    await programs.startWith({ env }, 'serve').says(/ws:\/\/localhost:[1-9]/);
    const bad = programs.startWith({ env: { ...env, PORT: 'http' } }, 'serve');
    expect(await bad.ended).toMatchObject({ code: 2, err: 'framepipe: http is no port; a port is 0 to 65535.\n' });
  });
});
