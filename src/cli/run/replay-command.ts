/**
 * `framepipe replay`: what was recorded, said again, to a server or to each client that comes.
 *
 * Knows: its options, and what it does with what it hears.
 * Does not know: the order of things (play.ts), or how to listen (replay-server.ts).
 */
import { type Command, Option } from 'commander';
import { connect } from '../../client.js';
import { UsageError } from '../../errors.js';
import { portOf } from '../endpoint.js';
import { finish, leave } from './closing.js';
import { addDialFlags, type DialFlags, dialOptions, urlOf } from './dial-flags.js';
import { type About, addAbout } from './help.js';
import type { Life } from './life.js';
import { addOriginsFlag } from './origins.js';
import { type Part, play } from './play.js';
import type { Run } from './program.js';
import { type ReplayServerFlags, serveReplay } from './replay-server.js';
import { openSession } from './session-reader.js';
import { sayBytes } from './terminal.js';

interface ReplayFlags extends DialFlags, ReplayServerFlags {
  readonly listen?: number;
  readonly speed: number;
  readonly asFast?: boolean;
  readonly inTurn?: boolean;
}

const ABOUT: About = {
  text: `
Sends what the client has sent in a session of framepipe record, with the same
pauses, to the URL of the recording or to another one. What the server sends is
written to stdout, a text message a line.

With --listen it is the server: each client that connects gets what the server
has sent in the recording, from the beginning, and its close. It goes on until
Ctrl-C. What clients send is read, and dropped.

Messages go by the clock of the recording, whatever the other side says.
--in-turn waits, where the other side had sent a message, until it has sent one
again, whatever it says in it; the pauses behind it count from there.`.trim(),
  clean: 'the server has closed cleanly',
  failed: 'it has not, or was not there; there is no such file, or no such port',
  examples: [
    'framepipe replay session.jsonl',
    'framepipe replay --as-fast session.jsonl ws://localhost:8080',
    'framepipe replay --listen 8080 --in-turn session.jsonl',
  ],
};

/** This machine only. */
const DEFAULT_HOST = '127.0.0.1';
/** What only a client has. */
const OF_THE_CLIENT = ['header', 'origin', 'auth', 'ca', 'insecure', 'redirects', 'timeout'];

/** Adds the command. */
export function replayCommand(program: Command, run: Run): void {
  const command = program
    .command('replay <file> [url]')
    .description('play what was recorded again, as its client or as its server')
    .addOption(
      new Option('-l, --listen <port>', 'be the server, on this port; 0 takes a free one')
        .argParser(portOf)
        .conflicts(OF_THE_CLIENT),
    )
    .option('--host <address>', `with --listen: listen on this address (default: ${DEFAULT_HOST})`);
  addOriginsFlag(command)
    .option('--speed <factor>', 'play it so many times as fast', factor, 1)
    .option('--as-fast', 'make no pauses')
    .option('--in-turn', 'wait for the messages of the other side, not for their time')
    .option('-v, --verbose', 'with --listen: show connections on stderr')
    .option('-q, --quiet', 'print nothing');
  addAbout(addDialFlags(command), ABOUT);
  command.action((file: string, url: string | undefined, flags: ReplayFlags) =>
    run((life) => replay(file, url, flags, life)),
  );
}

function replay(file: string, url: string | undefined, flags: ReplayFlags, life: Life): Promise<number> {
  const { listen: port, host = DEFAULT_HOST } = flags;
  if (port === undefined) return replayTo(file, url, flags, life);
  if (url !== undefined) throw new UsageError('With --listen there is no URL: clients come to it.');
  return serveReplay(file, { port, host }, partOf('server', flags), flags, life);
}

async function replayTo(file: string, url: string | undefined, flags: ReplayFlags, life: Life): Promise<number> {
  const { header, events } = await openSession(file);
  const { subprotocol: given = header.subprotocol === null ? [] : [header.subprotocol] } = flags;
  const target = url === undefined ? header.url : urlOf(url);
  const ws = connect(target, dialOptions({ ...flags, subprotocol: given }));
  life.onStop(() => leave(ws, false));
  ws.on('data', async (message: string | Buffer) => {
    if (flags.quiet === true) return;
    ws.pause();
    await sayBytes(typeof message === 'string' ? `${message}\n` : message);
    ws.resume();
  });
  void play(ws, events, partOf('client', flags));
  await ws.opened;
  return finish(ws);
}

function partOf(as: Part['as'], { speed, asFast, inTurn }: ReplayFlags): Part {
  return { as, speed: asFast === true ? Infinity : speed, inTurn: inTurn === true };
}

function factor(text: string): number {
  const speed = Number(text);
  if (!(speed > 0) || speed === Infinity) throw new UsageError(`"${text}" is no speed; 2 and 0.5 are.`);
  return speed;
}
