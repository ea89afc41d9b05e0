/**
 * A real PostgreSQL and a real Redis, from Debian (.ci/run), each in a folder of its own, on a port of its own.
 *
 * Knows: how to start them as a user that they accept (PostgreSQL refuses root), and to end them by their process.
 * Does not know: bridges.
 */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from '../../support/free-port.js';

/** A server in a process of its own. */
export interface Database {
  readonly port: number;
  stop(): Promise<void>;
}

const DEBIAN = '/usr/lib/postgresql';

/** Starts PostgreSQL: user `postgres`, no password, on 127.0.0.1. Rejects with a reason when it is not installed. */
export async function postgres(): Promise<Database> {
  const version = existsSync(DEBIAN) ? readdirSync(DEBIAN).sort().at(-1) : undefined;
  if (version === undefined) throw new Error('PostgreSQL is not installed; apt-get install postgresql');
  const bin = join(DEBIAN, version, 'bin');
  const folder = mkdtempSync(join(tmpdir(), 'framepipe-postgres-'));
  const user = process.getuid?.() === 0 ? idsOf('postgres') : {};
  if ('uid' in user) execFileSync('chown', ['postgres', folder]);
  chmodSync(folder, 0o700);
  const run = { cwd: folder, ...user, env: { PATH: process.env['PATH'] ?? '', LC_ALL: 'C.UTF-8' } };
  execFileSync(join(bin, 'initdb'), ['-D', join(folder, 'data'), '-U', 'postgres', '-A', 'trust', '-N'], {
    ...run,
    stdio: 'ignore',
  });
  const port = await freePort();
  const flags = [
    '-D',
    join(folder, 'data'),
    '-p',
    String(port),
    '-k',
    folder,
    '-c',
    'listen_addresses=127.0.0.1',
    '-F',
  ];
  const server = spawn(join(bin, 'postgres'), flags, { ...run, stdio: 'ignore' });
  await answers(server, port);
  return { port, stop: () => end(server, folder) };
}

/** Starts Redis without a file to keep things in. */
export async function redis(): Promise<Database> {
  const folder = mkdtempSync(join(tmpdir(), 'framepipe-redis-'));
  const port = await freePort();
  const flags = ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no', '--dir', folder];
  const server = spawn('redis-server', flags, { stdio: 'ignore' });
  await answers(server, port);
  return { port, stop: () => end(server, folder) };
}

function idsOf(name: string): { uid: number; gid: number } {
  const id = (flag: string) => Number(execFileSync('id', [flag, name], { encoding: 'utf8' }));
  return { uid: id('-u'), gid: id('-g') };
}

/** Resolves when somebody accepts connections on the port. */
async function answers(server: ChildProcess, port: number): Promise<void> {
  let failure: Error | null = null;
  server.once('error', (error) => {
    failure = error;
  });
  for (;;) {
    if (failure !== null) throw failure;
    if (server.exitCode !== null) throw new Error(`${server.spawnfile} ended with ${server.exitCode}`);
    const socket = connect(port, '127.0.0.1');
    const isThere = await new Promise<boolean>((resolve) => {
      socket.once('connect', () => resolve(true)).once('error', () => setTimeout(resolve, 50, false));
    });
    socket.destroy();
    if (isThere) return;
  }
}

async function end(server: ChildProcess, folder: string): Promise<void> {
  const over = once(server, 'exit');
  if (server.exitCode === null) server.kill('SIGINT');
  await (server.exitCode === null ? over : null);
  rmSync(folder, { recursive: true, force: true });
}
