/**
 * Runs the shell blocks of the pages, command by command.
 *
 * Knows: which commands are run here, which are scripts of package.json, and which are left out, with the reason.
 * Does not know: what a command does. `framepipe` is the built one; its ports are local sockets (virtual-ports.mjs), and
 * who answers there is world.mjs.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { packetsOf, pcap, SESSION } from '../../support/captures.js';
import type { CodeBlock } from './markdown.js';
import { ROOT } from './pages.js';

/** What a page shows and this suite does not do, and where it is done instead. */
const LEFT_OUT: readonly (readonly [command: RegExp, because: string])[] = [
  [/^npm (ci|cit|start|test)\b/, '.ci/run does it, and test/cli starts the server'],
  [/^npm i(nstall)?\b/, 'test/package installs the tarball'],
  [/^tcpdump /, 'test/cli/capture.test.ts captures with tcpdump'],
  [/ --tls\b/, 'test/cli/serve-tls.test.ts'],
];
const SCRIPT = /^npm run (?:--silent )?([\w:]+)/;
/** Commands that go on until Ctrl-C. They get ports of their own: nobody else is there. */
const SERVES = /framepipe (serve|bridge|replay --listen)\b/;
const DEADLINE_MS = 25_000;

export interface Command {
  readonly page: string;
  readonly line: number;
  readonly text: string;
}

/** The commands of a block, one a line, without comments. A line that ends with a backslash goes on. */
export function commandsOf({ page, line, code }: Pick<CodeBlock, 'page' | 'line' | 'code'>): Command[] {
  const commands: Command[] = [];
  let begun = '';
  code.split('\n').forEach((text, index) => {
    const whole = (begun + text).replace(/(^|\s+)#.*$/, '').trim();
    if (whole.endsWith('\\')) begun = `${whole.slice(0, -1).trim()} `;
    else {
      begun = '';
      if (whole !== '') commands.push({ page, line: line + index, text: whole });
    }
  });
  return commands;
}

/** Null for a command that is to be run; otherwise where it is checked. A script has to be in package.json. */
export function reasonToSkip({ page, line, text }: Command): string | null {
  const script = SCRIPT.exec(text)?.[1];
  if (script !== undefined) {
    const { scripts } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
    if (!(script in scripts)) throw new Error(`${page}:${line} runs a script "${script}" that does not exist`);
    return 'a script of package.json';
  }
  return LEFT_OUT.find(([command]) => command.test(text))?.[1] ?? null;
}

export interface Shell {
  /** Runs a command; resolves with its exit code and what it said on stderr. */
  run(text: string): Promise<{ status: number | null; stderr: string }>;
  close(): Promise<void>;
}

/** A folder with the files that the pages name, and somebody to talk to. */
export async function openShell(): Promise<Shell> {
  const folder = mkdtempSync(join(tmpdir(), 'pages-'));
  const ports = join(folder, 'ports');
  furnish(folder);
  const preload = `--import ${join(ROOT, 'test/docs/support/virtual-ports.mjs')}`;
  const env = {
    ...process.env,
    NODE_OPTIONS: preload,
    NO_COLOR: '1',
    VIRTUAL_PORTS: ports,
    PATH: `${join(folder, 'bin')}:${process.env['PATH']}`,
  };
  const ca = join(folder, 'ca.pem');
  const inRoot = join(ROOT, 'test/docs/.run/world.mjs');
  mkdirSync(join(ROOT, 'test/docs/.run'), { recursive: true });
  copyFileSync(join(ROOT, 'test/docs/support/world.mjs'), inRoot);
  const world = spawn(process.execPath, [inRoot, ca], {
    env,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await once(world.stdout, 'data');
  return {
    run(text) {
      const serves = SERVES.test(text);
      const own = mkdtempSync(join(folder, 'own-'));
      const settings = { ...env, NODE_EXTRA_CA_CERTS: ca, VIRTUAL_PORTS: serves ? own : ports };
      // A group of its own, as a terminal gives to each command: Ctrl-C is for all of it.
      const child = spawn('bash', ['-c', `set -o pipefail; ${text}`], {
        cwd: folder,
        env: settings,
        detached: true,
        stdio: ['ignore', 'pipe', 'pipe'],
      });
      return ended(child, serves);
    },
    async close() {
      world.kill('SIGKILL');
      await once(world, 'close');
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** `openShell`'s folders and the files that the pages name. */
function furnish(folder: string): void {
  for (const name of ['bin', 'public', 'ports']) mkdirSync(join(folder, name));
  const framepipe = `#!/bin/sh\nexec ${process.execPath} ${join(ROOT, 'dist/cli/main.js')} "$@"\n`;
  // As npx does: what -p names is installed, then comes the command.
  const npx = '#!/bin/sh\nwhile [ "$1" = -p ]; do shift 2; done\nexec "$@"\n';
  for (const [name, script] of Object.entries({ framepipe, npx })) {
    writeFileSync(join(folder, 'bin', name), script);
    chmodSync(join(folder, 'bin', name), 0o755);
  }
  writeFileSync(join(folder, 'public/index.html'), '<p>hello</p>');
  writeFileSync(join(folder, 'big.iso'), Buffer.alloc(3_000_000, 1));
  // RFC 6455 §5.7: "Hello" from a server.
  writeFileSync(join(folder, 'server.bin'), Buffer.from('810548656c6c6f', 'hex'));
  writeFileSync(join(folder, 'chat.pcap'), pcap(packetsOf(SESSION)));
}

function ended(child: ChildProcess, serves: boolean): Promise<{ status: number | null; stderr: string }> {
  const kill = (signal: NodeJS.Signals) => child.pid !== undefined && process.kill(-child.pid, signal);
  return new Promise((resolve, reject) => {
    let stderr = '';
    let stdout = '';
    // Once: a second Ctrl-C may meet bash alone, which dies of it.
    let isAsked = false;
    const deadline = setTimeout(() => kill('SIGKILL'), DEADLINE_MS);
    const heard = () => {
      if (!serves || isAsked || !/Listening|Bridge|http/.test(stderr + stdout)) return;
      isAsked = true;
      kill('SIGINT');
    };
    child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      stdout += text;
      heard();
    });
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      stderr += text;
      heard();
    });
    child.once('error', reject);
    child.once('close', (status) => {
      clearTimeout(deadline);
      resolve({ status, stderr });
    });
  });
}

/** Ctrl-C ends what serves, with 130; everything else has to end well by itself. */
export function wantedStatus(text: string): number {
  return SERVES.test(text) ? 130 : 0;
}
