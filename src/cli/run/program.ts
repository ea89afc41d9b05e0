/**
 * The commands, their options and their help.
 *
 * Knows: commander, and which module does what; fast-check alone is loaded when it is asked for.
 * Does not know: how a command works.
 */
import { readFileSync } from 'node:fs';
import { Command } from 'commander';
import { benchCommand } from './bench-command.js';
import { bridgeCommand } from './bridge-command.js';
import { connectCommand } from './connect-command.js';
import { decodeCommand } from './decode-command.js';
import { fuzzCommand } from './fuzz-command.js';
import { type About, addAbout } from './help.js';
import type { Life } from './life.js';
import { recordCommand } from './record-command.js';
import { replayCommand } from './replay-command.js';
import { serveCommand } from './serve-command.js';

/** Adds a command to the program; `run` gets the exit code out. */
export type AddCommand = (program: Command, run: Run) => void;

/** Runs a command and keeps its exit code. */
export type Run = (work: (life: Life) => Promise<number>) => Promise<void>;

const COMMANDS: readonly AddCommand[] = [
  serveCommand,
  connectCommand,
  bridgeCommand,
  recordCommand,
  replayCommand,
  decodeCommand,
  benchCommand,
  fuzzCommand,
];

const ABOUT: About = {
  text: 'framepipe COMMAND --help lists the options of a command, with examples.',
  clean: 'it ended well, or nobody reads its stdout any more',
  failed: 'nobody was there, the connection was lost, a fault was found',
  examples: [
    'framepipe serve --inspect              an echo, and a page that shows frames',
    'framepipe connect ws://localhost:8080  a session in the terminal',
    'cat big.iso | framepipe connect --binary wss://example.com/upload',
  ],
};

/** Runs what `args` ask for and resolves with the exit code. Rejects with a CommanderError that has been printed. */
export async function program(life: Life, args: readonly string[]): Promise<number> {
  let exitCode = 0;
  const root = new Command('framepipe')
    .description('WebSockets in the terminal: serve, connect, look at frames')
    .version(version(), '-V, --version', 'show the version')
    .helpCommand('help [command]', 'show the help of a command')
    .exitOverride()
    .configureHelp({ showGlobalOptions: false });
  addAbout(root, ABOUT);
  for (const add of COMMANDS) {
    add(root, async (work) => {
      exitCode = await work(life);
    });
  }
  for (const command of root.commands) command.showHelpAfterError(`(framepipe ${command.name()} --help says more)`);
  root.showHelpAfterError('(framepipe --help says more)');
  await root.parseAsync(args, { from: 'user' });
  return exitCode;
}

function version(): string {
  const manifest: unknown = JSON.parse(readFileSync(new URL('../../../package.json', import.meta.url), 'utf8'));
  return (manifest as { version: string }).version;
}
