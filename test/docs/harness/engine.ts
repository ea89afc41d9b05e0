/**
 * For a block that connects to NATS on port 4222 or to Redis on port 6379: both of them, from Debian, in processes of
 * their own, which end with the block.
 *
 * Knows: that ports in blocks are not real (virtual-ports.mjs), so each connection goes through a process that has real
 * ones. Does not know: the block.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import net, { type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const folder = mkdtempSync(join(tmpdir(), 'engines-'));
const children: ChildProcess[] = [];

process.once('exit', () => {
  for (const child of children) child.kill('SIGKILL');
  rmSync(folder, { recursive: true, force: true });
});

async function freePort(): Promise<number> {
  const server = net.createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  return port;
}

async function start(command: string, args: readonly string[], ready: RegExp): Promise<void> {
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  children.push(child);
  let said = '';
  await new Promise<void>((resolve, reject) => {
    for (const output of [child.stdout, child.stderr]) {
      output.on('data', (bytes: Buffer) => {
        said += bytes;
        if (ready.test(said)) resolve();
      });
    }
    child.on('error', () => reject(new Error(`There is no ${command}. Debian has it: apt-get install ${command}`)));
    child.on('exit', () => reject(new Error(`${command}: ${said}`)));
  });
}

const RELAY =
  "const s = require('net').connect(process.argv[1], '127.0.0.1'); process.stdin.pipe(s).pipe(process.stdout);";

function relay(from: number, to: number): void {
  const server = net.createServer((socket) => {
    const child = spawn(process.execPath, ['-e', RELAY, String(to)], { stdio: ['pipe', 'pipe', 'ignore'], env: {} });
    children.push(child);
    child.stdin.on('error', () => {});
    socket.on('error', () => {});
    socket.pipe(child.stdin);
    child.stdout.pipe(socket);
    socket.on('close', () => child.kill('SIGKILL'));
  });
  server.listen(from);
  server.unref();
}

const [nats, redis] = [await freePort(), await freePort()];
await start('nats-server', ['-a', '127.0.0.1', '-p', `${nats}`, '-js', '-sd', folder], /Server is ready/);
await start(
  'redis-server',
  ['--port', `${redis}`, '--bind', '127.0.0.1', '--dir', folder, '--save', ''],
  /Ready to accept/,
);
relay(4222, nats);
relay(6379, redis);

export function after(): never {
  process.exit(0);
}
