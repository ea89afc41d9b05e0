/**
 * A project that has installed framepipe from its tarball, the way a user has.
 *
 * Knows: how to pack, how to install into an empty folder with an empty cache, how to run things there.
 * Does not know: what is checked.
 */
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

export const ROOT = resolve(__dirname, '../../..');
const NODE_MODULES = join(ROOT, 'node_modules');

export interface Packed {
  readonly tarball: string;
  readonly packedBytes: number;
  readonly unpackedBytes: number;
  readonly files: readonly string[];
}

export interface Outcome {
  readonly status: number | null;
  /** Standard output, then standard error. */
  readonly says: string;
}

/** A program that has been started. */
export interface Running {
  /** `status` is null when it was killed. */
  readonly ended: Promise<Outcome>;
  kill(): void;
}

const OLDEST = join(ROOT, 'test/runtimes/node_modules/node-20/bin/node');

/** The oldest Node that we support where `npm run test:runtimes` has brought it, else the one that runs the tests. */
export const NODE = existsSync(OLDEST) ? OLDEST : process.execPath;

/** Of NODE: `v20.19.0`. */
export function nodeVersion(): string {
  return execFileSync(NODE, ['--version'], { encoding: 'utf8' }).trim();
}

/** Runs `npm pack` in the repository. The tarball lands in `folder`. */
export function pack(folder: string): Packed {
  const printed = execFileSync('npm', ['pack', '--json', '--pack-destination', folder], {
    cwd: ROOT,
    encoding: 'utf8',
  });
  const report: unknown = JSON.parse(printed.slice(printed.indexOf(printed.match(/^[[{]/m)?.[0] ?? '[')));
  const { filename, size, unpackedSize, files } = entryOf(report);
  const paths = files.map((file) => file.path);
  return { tarball: join(folder, filename), packedBytes: size, unpackedBytes: unpackedSize, files: paths };
}

interface PackEntry {
  readonly filename: string;
  readonly size: number;
  readonly unpackedSize: number;
  readonly files: readonly { readonly path: string }[];
}

/** npm reports a list of packages; some versions report an object with the names as keys. */
function entryOf(report: unknown): PackEntry {
  const [entry] = Object.values(report as Record<string, PackEntry>);
  if (entry === undefined) throw new Error('npm pack reported nothing');
  return entry;
}

/** A project in a folder of its own, with framepipe and its dependencies installed, and nothing else. */
export class Consumer {
  readonly folder = mkdtempSync(join(tmpdir(), 'framepipe-consumer-'));

  install(tarball: string): void {
    this.write('package.json', JSON.stringify({ name: 'consumer', private: true }));
    const cache = join(this.folder, '.npm-cache');
    const flags = ['--no-audit', '--no-fund', '--cache', cache];
    execFileSync('npm', ['install', tarball, ...flags], { cwd: this.folder, stdio: 'pipe' });
  }

  /** Puts packages of the repository there: the types of Node, which every TypeScript user of it has, or an optional peer. */
  add(...names: readonly string[]): void {
    for (const name of names) {
      cpSync(join(NODE_MODULES, name), join(this.folder, 'node_modules', name), { recursive: true });
    }
  }

  hasInstalled(name: string): boolean {
    return existsSync(join(this.folder, 'node_modules', name));
  }

  write(path: string, text: string): void {
    mkdirSync(join(this.folder, path, '..'), { recursive: true });
    writeFileSync(join(this.folder, path), text);
  }

  edit(path: string, change: (text: string) => string): void {
    this.write(path, change(readFileSync(join(this.folder, path), 'utf8')));
  }

  /** Runs a file of the project in NODE, with nothing inherited that could change how modules load. */
  run(path: string): Outcome {
    return outcome(this.folder, [path], NODE);
  }

  /** Starts a file of the project, as `run` does. */
  start(path: string): Running {
    const child = spawn(NODE, [path], { cwd: this.folder, env: plainEnvironment() });
    let says = '';
    const hear = (chunk: Buffer) => {
      says += chunk;
    };
    child.stdout.on('data', hear);
    child.stderr.on('data', hear);
    child.stdin.end();
    const ended = new Promise<Outcome>((resolve, reject) => {
      child.once('error', reject).once('close', (status) => resolve({ status, says }));
    });
    return { ended, kill: () => child.kill() };
  }

  /** Runs a command that an installed package has brought along. */
  command(name: string, ...args: readonly string[]): Outcome {
    const { status, stdout, stderr } = spawnSync(join(this.folder, 'node_modules/.bin', name), args, {
      encoding: 'utf8',
    });
    return { status, says: stdout + stderr };
  }

  /** Compiles the project with the repository's TypeScript. */
  compile(tsconfig: string): Outcome {
    return outcome(this.folder, [join(NODE_MODULES, 'typescript/bin/tsc'), '-p', tsconfig]);
  }

  /** Runs a command-line tool of the repository. */
  tool(path: string, ...args: readonly string[]): Outcome {
    return outcome(ROOT, [path, ...args]);
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}

function outcome(cwd: string, args: readonly string[], node = process.execPath): Outcome {
  const env = plainEnvironment();
  const { status, stdout, stderr } = spawnSync(node, args, { cwd, env, encoding: 'utf8', timeout: 50_000 });
  return { status, says: stdout + stderr };
}

function plainEnvironment(): NodeJS.ProcessEnv {
  return { ...process.env, NODE_OPTIONS: '', NO_COLOR: '1' };
}
