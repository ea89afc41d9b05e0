/** The chat on several servers: NATS and nginx from Debian, started by its one command. */
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { WebSocket } from 'ws';
import { Runs } from './support/example.js';

const runs = new Runs();
afterEach(() => runs.end());

interface Line {
  readonly kind: string;
  readonly name?: string;
  readonly text?: string;
  readonly via: string;
}

/** Somebody in the room, once it was welcomed. */
async function join(port: number) {
  const url = `http://localhost:${port}`;
  const socket = new WebSocket(`${url}/`, { origin: url });
  const lines: Line[] = [];
  socket.on('message', (data) => lines.push(JSON.parse(String(data)) as Line));
  const heard = async (text: string) => {
    for (;;) {
      const line = lines.find((one) => one.text === text);
      if (line !== undefined) return line;
      await once(socket, 'message');
    }
  };
  await once(socket, 'message');
  return { socket, lines, heard, via: lines[0]?.via };
}

test.each([
  ['three servers behind nginx', [], 3],
  ['two workers of node:cluster', ['--cluster'], 2],
] as const)('%s: what one says, all hear, whichever server they are on', async (_, args, servers) => {
  const run = runs.example('chat-cluster/start', { args, env: { SERVERS: `${servers}` } });
  const port = Number((await run.printed(/^Chat: http:\/\/localhost:(\d+) /m))[1]);
  const page = await fetch(`http://localhost:${port}/`);
  expect([page.status, await page.text()]).toEqual([200, expect.stringContaining('A room on several servers')]);

  const members = [];
  for (let at = 0; at < servers * 2; at++) members.push(await join(port));
  expect(new Set(members.map(({ via }) => via)).size).toBe(servers);
  members[0]?.socket.send('no name');
  members[0]?.socket.send('Ann\nhello');
  for (const { heard } of members) expect(await heard('hello')).toMatchObject({ name: 'Ann', via: members[0]?.via });
  expect(members.flatMap(({ lines }) => lines).filter(({ kind }) => kind === 'line')).toHaveLength(members.length);

  const closed = members.map(({ socket }) => once(socket, 'close'));
  expect(await run.stop('SIGINT')).toMatchObject({ code: 0, stderr: '' });
  for (const [code] of await Promise.all(closed)) expect([1001, 1006]).toContain(code);
});

/** The processes that `pid` has started, and theirs. */
function descendants(pid: number): number[] {
  const own = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && parentOf(name) === pid)
    .map(Number);
  return own.flatMap((one) => [one, ...descendants(one)]);
}

function parentOf(pid: string): number {
  try {
    return Number(/^PPid:\t(\d+)$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]);
  } catch {
    // It has ended since.
    return 0;
  }
}

/** A zombie is over, too: only whoever inherits it can take it away. */
const isRunning = (pid: number) =>
  existsSync(`/proc/${pid}`) && !/^State:\tZ/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));

test('killed without a word, it leaves no engine, no nginx, no server and no folder behind', async () => {
  const folder = mkdtempSync(`${tmpdir()}/chat-cluster-test-`);
  const run = runs.example('chat-cluster/start', { env: { SERVERS: '2', TMPDIR: folder } });
  await run.printed(/^Chat: /m);
  const started = descendants(run.pid);
  // Two servers, and a keeper each for the engine, and for nginx with its worker.
  expect(started.length).toBeGreaterThanOrEqual(7);
  expect(readdirSync(folder)).toHaveLength(1);
  await run.stop('SIGKILL');
  while (started.some(isRunning)) await new Promise((resolve) => setTimeout(resolve, 50));
  // Throws when something is left in it.
  rmdirSync(folder);
});
