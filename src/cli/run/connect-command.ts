/**
 * `framepipe connect`: a session in a terminal, or a pipe.
 *
 * Knows: its options, and which of the two is wanted.
 * Does not know: how either works.
 */

import type { Command } from 'commander';
import { type ConnectOptions, connect } from '../../client.js';
import type { ReadAs } from '../../duplex/options.js';
import type { WebSocketDuplex } from '../../duplex/websocket-duplex.js';
import { addDialFlags, type DialFlags, dialOptions, urlOf } from './dial-flags.js';
import { type About, addAbout, timeOption } from './help.js';
import type { Life } from './life.js';
import { runPipe } from './pipe.js';
import type { Run } from './program.js';
import { runSession } from './session.js';

/** Options of the command. */
export interface ConnectFlags extends DialFlags {
  readonly binary?: boolean;
  readonly lines?: boolean;
  readonly stdin: boolean;
  readonly wait: number;
  readonly deflate?: boolean;
  readonly frames?: boolean;
  readonly verbose?: boolean;
  readonly quiet?: boolean;
  readonly history: boolean;
}

const ABOUT: About = {
  text: `
In a terminal it is a session: a line that you type is a text message, /help
lists the commands, Ctrl-D closes.

When stdin or stdout is not a terminal it is a pipe, in constant memory:
  --lines   (default) each line of stdin is a text message; each text message
            is a line on stdout
  --binary  all of stdin is one binary message; what comes is written to stdout
            as it is
At the end of stdin it closes, and waits until the server has closed too: what
the server still sends arrives.`.trim(),
  clean: 'the server has closed cleanly',
  failed: 'it has not, or was not there',
  examples: [
    'framepipe connect ws://localhost:8080',
    'framepipe connect -v -s chat.v1 -H "Authorization: Bearer $TOKEN" \\',
    '    wss://example.com/chat',
    'echo \'{"op":"status"}\' | framepipe connect wss://example.com/api',
    'cat big.iso | framepipe connect --binary wss://example.com/upload',
    'framepipe connect -b --no-stdin wss://example.com/big.iso > big.iso',
  ],
};

/** Adds the command. */
export function connectCommand(program: Command, run: Run): void {
  const command = program
    .command('connect <url>')
    .description('connect to a WebSocket: a session in a terminal, or a pipe')
    .option('-b, --binary', 'as a pipe: send all of stdin as one binary message')
    .option('-l, --lines', 'as a pipe: send each line of stdin as a text message (default)')
    .option('--no-stdin', 'do not read stdin, only receive')
    .addOption(timeOption('--wait <time>', 'at the end of stdin, wait this long before closing', 0))
    .option('--deflate', 'offer compression')
    .option('--frames', 'show each frame on stderr')
    .option('-v, --verbose', 'show pings, pongs and the handshake on stderr')
    .option('-q, --quiet', 'show no progress, and nothing about the connection')
    .option('--no-history', 'as a session: keep no history of what is typed');
  addAbout(addDialFlags(command), ABOUT);
  command.action((url: string, flags: ConnectFlags) => run((life) => connectTo(url, flags, life)));
}

function connectTo(url: string, flags: ConnectFlags, life: Life): Promise<number> {
  const isSession =
    process.stdin.isTTY === true && process.stdout.isTTY === true && flags.binary !== true && flags.stdin;
  const open = <How extends ReadAs>(options: ConnectOptions<How>): WebSocketDuplex<How> =>
    connect(urlOf(url), { ...dialOptions(flags), deflate: flags.deflate === true, ...options });
  return isSession ? runSession(open, flags, life) : runPipe(open, flags, life);
}
