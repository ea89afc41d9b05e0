/**
 * nats-server and redis-server, each in a process of its own with a folder of its own, on a free port of 127.0.0.1.
 *
 * Knows: their command lines, when they are ready, how to kill and to restart them on the same port and folder.
 * Does not know: clients.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

interface Kind {
  readonly command: string;
  readonly args: (port: number, folder: string, address: string) => readonly string[];
  readonly ready: RegExp;
}

const KINDS = {
  nats: {
    command: 'nats-server',
    args: (port, folder, address) => ['-a', address, '-p', `${port}`, '-js', '-sd', folder],
    ready: /Server is ready/,
  },
  redis: {
    command: 'redis-server',
    // With an append-only file: what was acknowledged is there after a restart.
    args: (port, folder, address) => [
      ...['--protected-mode', 'no', '--bind', address, '--port', `${port}`, '--dir', folder],
      ...['--save', '', '--appendonly', 'yes', '--appendfsync', 'always'],
    ],
    ready: /Ready to accept connections/,
  },
} as const satisfies Record<string, Kind>;

export type EngineName = keyof typeof KINDS;

/** One engine. It must be ended. */
export class EngineProcess {
  readonly name: EngineName;
  readonly port: number;
  readonly #folder: string;
  readonly #address: string;
  readonly #prefix: readonly string[];
  #process: ChildProcess | null = null;

  /** `prefix` runs it somewhere else, where it has that address: in a network of its own. */
  constructor(name: EngineName, port: number, address = '127.0.0.1', prefix: readonly string[] = []) {
    this.name = name;
    this.port = port;
    this.#address = address;
    this.#prefix = prefix;
    this.#folder = mkdtempSync(join(tmpdir(), `framepipe-${name}-`));
  }

  /** Starts it, again after `kill`, and resolves when it takes connections. */
  async start(): Promise<this> {
    const { command, args, ready } = KINDS[this.name];
    const [first = '', ...rest] = [...this.#prefix, command, ...args(this.port, this.#folder, this.#address)];
    const child = spawn(first, rest, { stdio: ['ignore', 'pipe', 'pipe'] });
    this.#process = child;
    let said = '';
    await new Promise<void>((resolve, reject) => {
      const listen = (bytes: Buffer) => {
        said += bytes;
        if (ready.test(said)) resolve();
      };
      child.stdout.on('data', listen);
      child.stderr.on('data', listen);
      child.on('error', (error) =>
        reject(new Error(`${command}: ${error.message}. Debian has it: apt-get install ${command}`)),
      );
      child.on('exit', (code) => reject(new Error(`${command} ended (${code}): ${said.slice(-500)}`)));
    });
    return this;
  }

  /** SIGKILL: no goodbye. */
  async kill(): Promise<void> {
    const child = this.#process;
    this.#process = null;
    if (child === null || child.exitCode !== null) return;
    const ended = once(child, 'exit');
    child.kill('SIGKILL');
    await ended;
  }

  /** Kills it, and leaves nothing of it. */
  async end(): Promise<void> {
    await this.kill();
    rmSync(this.#folder, { recursive: true, force: true });
  }
}
