/**
 * `framepipe fuzz`: legal and illegal wires against a server, and the smallest one that it gets wrong.
 *
 * Knows: its options, progress, that fast-check is an optional peer.
 * Does not know: what is sent (src/arbitraries).
 */
import { connect as connectTcp } from 'node:net';
import { connect as connectTls } from 'node:tls';
import type { Command } from 'commander';
import type { FuzzReport } from '../../arbitraries/index.js';
import { UsageError } from '../../errors.js';
import type { DialOptions } from '../../handshake/stream/dial.js';
import { clockText, countText } from '../units.js';
import { addDialFlags, type DialFlags, dialOptions, urlOf } from './dial-flags.js';
import { EXIT, Failure } from './failure.js';
import { type About, addAbout, timeOption } from './help.js';
import type { Life } from './life.js';
import type { Run } from './program.js';
import { StatusLine } from './status-line.js';
import { say } from './terminal.js';

interface FuzzFlags extends DialFlags {
  readonly runs: number;
  readonly seed?: number;
  readonly path?: string;
  readonly patience: number;
  readonly json?: boolean;
  readonly quiet?: boolean;
}

const ABOUT: About = {
  text: `
Half of the connections carry legal traffic, which has to end with a clean
close; half break one rule of RFC 6455, which has to be answered with the close
code of that rule. A fault is shrunk to the smallest wire that shows it; --seed
and --path of the report run that one again. Fuzz only servers that are yours.

It needs the package fast-check 4; the first example brings it.`.trim(),
  clean: 'no fault was found',
  failed: 'one was, or nobody was there',
  examples: [
    'npx -p framepipe -p fast-check framepipe fuzz ws://localhost:8080',
    'framepipe fuzz -n 10000 --json ws://localhost:8080',
    'framepipe fuzz --seed 7 ws://localhost:8080',
  ],
};

/** Adds the command. */
export function fuzzCommand(program: Command, run: Run): void {
  const command = program
    .command('fuzz <url>')
    .description('look for frames that a server gets wrong')
    .option('-n, --runs <count>', 'make so many connections', wholeNumber, 300)
    .option('--seed <number>', 'run the same as an earlier report again', wholeNumber)
    .option('--path <path>', 'begin with the fault of an earlier report; needs --seed')
    .addOption(timeOption('--patience <time>', 'give the server this long for its close', 2_000))
    .option('--json', 'print the report as JSON')
    .option('-q, --quiet', 'show no progress');
  addAbout(addDialFlags(command), ABOUT);
  command.action((url: string, flags: FuzzFlags) => run((life) => fuzz(urlOf(url), flags, life)));
}

async function fuzz(url: string, flags: FuzzFlags, life: Life): Promise<number> {
  if (flags.path !== undefined && flags.seed === undefined)
    throw new UsageError('--path needs the --seed of its report.');
  const { fuzzServer } = await arbitraries();
  let connections = 0;
  const began = performance.now();
  const progress = new StatusLine(flags.quiet !== true, () => {
    const asked = connections <= flags.runs ? ` of ${countText(flags.runs)}` : '';
    return `${countText(connections)}${asked} connections  ${clockText(performance.now() - began)}`;
  });
  const dial = countedDial(flags, url, () => connections++);
  const { runs, seed, path, patience: timeoutMs } = flags;
  life.onStop(() => {
    progress.end('wipe');
    life.exit();
  });
  const report = await fuzzServer(url, { runs, seed, path, timeoutMs, dial });
  progress.end('wipe');
  say(flags.json === true ? JSON.stringify(jsonOf(report)) : String(report));
  return report.failure === null ? EXIT.clean : EXIT.failed;
}

/** There is no fast-check for those who never fuzz. */
async function arbitraries(): Promise<typeof import('../../arbitraries/index.js')> {
  try {
    return await import('../../arbitraries/index.js');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ERR_MODULE_NOT_FOUND') throw error;
    throw new Failure('fuzz needs the package fast-check: npm install fast-check, or npx -p framepipe -p fast-check …');
  }
}

function countedDial(flags: FuzzFlags, url: string, count: () => void): DialOptions {
  const isSecure = /^(?:wss|https)/i.test(url);
  return {
    ...dialOptions(flags),
    createConnection: (options) => {
      count();
      const where = options as Parameters<typeof connectTls>[0] & Parameters<typeof connectTcp>[0];
      return isSecure ? connectTls(where) : connectTcp(where);
    },
  };
}

function jsonOf({ runs, seed, failure }: FuzzReport): object {
  return { runs, seed, failure: failure === null ? null : { ...failure, bytes: failure.bytes.toString('hex') } };
}

/** For counts and seeds. */
export function wholeNumber(text: string): number {
  if (!/^-?\d{1,15}$/.test(text)) throw new UsageError(`"${text}" is no whole number.`);
  return Number(text);
}
