/**
 * A project that has installed framepipe from its tarball, the way a user has.
 *
 * Knows: how to pack, how to install into an empty folder with an empty cache, how to run things there.
 * Does not know: what is checked.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
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

  /** Runs a file of the project in Node, with nothing inherited that could change how modules load. */
  run(path: string): Outcome {
    return outcome(this.folder, [path]);
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

function outcome(cwd: string, args: readonly string[]): Outcome {
  const env = { ...process.env, NODE_OPTIONS: '', NO_COLOR: '1' };
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { cwd, env, encoding: 'utf8', timeout: 50_000 });
  return { status, says: stdout + stderr };
}
