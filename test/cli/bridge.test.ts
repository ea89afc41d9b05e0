/**
 * `framepipe bridge`: TCP through WebSockets and back, with a real PostgreSQL and a real Redis behind it.
 *
 * Knows: both directions, alone and as a pair. Does not know: the protocols that pass.
 */
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { WebSocket } from 'ws';
import { postgres, redis } from './support/database.js';
import { PeakMemory } from './support/memory.js';
import { type Program, Programs } from './support/program.js';

const programs = new Programs();
const servers: Server[] = [];
const sockets: Socket[] = [];

afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy();
  for (const server of servers.splice(0)) server.close();
  await programs.end();
});

async function bridge(
  from: string,
  to: string,
  ...flags: string[]
): Promise<{ program: Program; port: number; url: string }> {
  const program = programs.start('bridge', ...flags, from, to);
  const [, url = ''] = await program.says(/Bridge from (\S+) to/);
  return { program, url, port: Number(/:(\d+)/.exec(url)?.[1]) };
}

/** TCP → WebSocket → TCP: the port to connect to. */
async function tunnel(port: number): Promise<{ port: number; programs: Program[] }> {
  const inner = await bridge('ws://:0', `tcp://127.0.0.1:${port}`);
  const outer = await bridge('tcp://:0', inner.url);
  return { port: outer.port, programs: [inner.program, outer.program] };
}

async function tcpServer(onConnection: (socket: Socket) => void): Promise<number> {
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    sockets.push(socket);
    socket.on('error', () => {});
    onConnection(socket);
  });
  servers.push(server);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

function dial(port: number): Socket {
  const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
  sockets.push(socket);
  return socket;
}

test('PostgreSQL: psql through a tunnel, with more rows than any buffer holds, and back', async () => {
  const database = await postgres();
  try {
    const { port } = await tunnel(database.port);
    const psql = (sql: string, input = '') => {
      const program = programs.startOther('psql', [
        '-h',
        '127.0.0.1',
        '-p',
        String(port),
        '-U',
        'postgres',
        '-AtX',
        '-c',
        sql,
      ]);
      program.process.stdin.end(input);
      return program.ended;
    };
    const rows = Array.from({ length: 200_000 }, (_, row) => `${row} some text to make it longer\n`).join('');
    expect(await psql('CREATE TABLE big (line text)')).toMatchObject({ code: 0, err: '' });
    expect(await psql('COPY big FROM STDIN', rows)).toMatchObject({ code: 0, out: 'COPY 200000\n' });
    const back = await psql('COPY big TO STDOUT');
    expect([back.code, back.out === rows]).toEqual([0, true]);
    expect(await psql('SELECT nonsense')).toMatchObject({ code: 1, err: expect.stringContaining('does not exist') });
  } finally {
    await database.stop();
  }
});

test('Redis: redis-cli through a tunnel', async () => {
  const database = await redis();
  try {
    const { port } = await tunnel(database.port);
    const cli = programs.startOther('redis-cli', ['-p', String(port)]);
    cli.process.stdin.end('SET greeting "hello"\nGET greeting\nINCRBY n 41\nINCR n\n');
    expect(await cli.ended).toMatchObject({ code: 0, out: 'OK\nhello\n41\n42\n' });
  } finally {
    await database.stop();
  }
});

test('each direction ends in its own time: the answer comes after the end of the question', async () => {
  const port = await tcpServer((socket) => {
    const question: Buffer[] = [];
    socket.on('data', (chunk) => question.push(chunk)).on('end', () => socket.end(`${Buffer.concat(question)}!`));
  });
  const socket = dial((await tunnel(port)).port);
  socket.end('question');
  expect(String((await once(socket, 'data'))[0])).toBe('question!');
  await once(socket, 'end');
});

test('a reader that stops holds up the sender, in constant memory, and loses nothing', async () => {
  const SIZE = 200 * 1024 * 1024;
  const chunk = randomBytes(1024 * 1024);
  let written = 0;
  const port = await tcpServer((socket) => {
    const write = () => {
      while (written < SIZE) {
        written += chunk.length;
        if (!socket.write(chunk)) return;
      }
      socket.end();
    };
    socket.on('drain', write);
    write();
  });
  const way = await tunnel(port);
  const memory = way.programs.map((program) => new PeakMemory(program.process.pid));
  const socket = dial(way.port).pause();
  await once(socket, 'connect');
  let before = -1;
  while (written === 0 || written !== before) {
    before = written;
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
  expect(written).toBeLessThan(SIZE / 4);
  let received = 0;
  for await (const part of socket) received += part.length;
  expect(received).toBe(SIZE);
  for (const one of memory) expect(one.growth()).toBeLessThan(96 * 1024 * 1024);
});

test('-v tells who comes, what went through, and of which connection a failure is', async () => {
  const port = await tcpServer((socket) => socket.pipe(socket));
  const inner = await bridge('ws://:0', `tcp://127.0.0.1:${port}`, '-v');
  const outer = await bridge('tcp://:0', inner.url, '-v');
  const socket = dial(outer.port);
  socket.end(Buffer.alloc(2_048)).resume();
  for (const { program } of [inner, outer]) {
    await program.says(/^#1 open {3}127\.0\.0\.1:\d+/m);
    await program.says(/^#1 closed; ↓ 2\.00 KiB from TCP, ↑ 2\.00 KiB to it$/m);
  }
  inner.program.interrupt();
  await inner.program.ended;
  dial(outer.port);
  await outer.program.says(/^framepipe: #2: No connection to the server could be made/m);
});

test('a client of websockify gets its subprotocol, and a page of another origin gets nothing', async () => {
  const port = await tcpServer((socket) => socket.pipe(socket));
  const { url } = await bridge('ws://:0/vnc', `tcp://127.0.0.1:${port}`);
  const ws = new WebSocket(url, ['binary']);
  await once(ws, 'open');
  ws.send(Buffer.from([1, 2, 3]));
  const [echo, isBinary] = await once(ws, 'message');
  expect([ws.protocol, [...echo], isBinary]).toEqual(['binary', [1, 2, 3], true]);
  ws.terminate();
  const evil = new WebSocket(url, { origin: 'https://evil.example' }).on('error', () => {});
  expect((await once(evil, 'unexpected-response'))[1].statusCode).toBe(403);
  const elsewhere = new WebSocket(url.replace('/vnc', '/other')).on('error', () => {});
  expect((await once(elsewhere, 'unexpected-response'))[1].statusCode).toBe(404);
});

test('nobody behind the bridge: the WebSocket gets 1011, TCP a reset, stderr a sentence, and the bridge stands', async () => {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const { port } = probe.address() as AddressInfo;
  probe.close();
  const inner = await bridge('ws://:0', `tcp://127.0.0.1:${port}`);
  const ws = new WebSocket(inner.url);
  expect((await once(ws, 'close'))[0]).toBe(1011);
  await inner.program.says(new RegExp(`framepipe: Nobody listens on 127\\.0\\.0\\.1:${port}\\.\n`));
  const outer = await bridge('tcp://:0', `ws://127.0.0.1:${port}`);
  const socket = dial(outer.port);
  expect((await once(socket, 'error'))[0].code).toBe('ECONNRESET');
  await outer.program.says(/No connection to the server could be made/);
  expect([inner.program.process.exitCode, outer.program.process.exitCode]).toEqual([null, null]);
});

test.each(['ws', 'tcp'])('Ctrl-C on a bridge from %s: 130, and nothing stays open', async (kind) => {
  const port = await tcpServer((socket) => socket.pipe(socket));
  const inner = await bridge('ws://:0', `tcp://127.0.0.1:${port}`);
  const outer = await bridge('tcp://:0', inner.url);
  const socket = dial(outer.port).on('error', () => {});
  socket.write('x');
  await once(socket, 'data');
  const closed = once(socket, 'close');
  socket.on('end', () => socket.end());
  expect((await (kind === 'ws' ? inner : outer).program.interrupt().ended).code).toBe(130);
  await closed;
});
