/**
 * `framepipe serve`: a server for trying things out.
 *
 * Knows: its options, what it prints, how it stops.
 * Does not know: what each mode does with a connection.
 */

import type { Command } from 'commander';
import { Front } from '../../demo/front.js';
import type { ReadAs } from '../../duplex/options.js';
import { createServer, type WebSocketServer } from '../../server.js';
import { hostText, portOf } from '../endpoint.js';
import { logConnections } from './connection-log.js';
import { EXIT } from './failure.js';
import { type About, addAbout, each } from './help.js';
import { inspect } from './inspect.js';
import type { Life } from './life.js';
import { listening } from './listening.js';
import { addOriginsFlag, originsOf } from './origins.js';
import type { Run } from './program.js';
import { refusePages } from './refuse-pages.js';
import { secretsOf, type TlsFlags } from './secrets.js';
import { modeOf, type ServeMode } from './serve-modes.js';
import { say } from './terminal.js';

/** Options of the command. */
export interface ServeFlags extends TlsFlags {
  readonly port?: string;
  readonly host?: string;
  readonly echo?: boolean;
  readonly chat?: boolean;
  readonly exec?: string;
  readonly dir?: string;
  readonly binary?: boolean;
  readonly inspect?: boolean;
  readonly origins?: string;
  readonly subprotocol?: readonly string[];
  readonly deflate?: boolean;
  readonly verbose?: boolean;
  readonly quiet?: boolean;
  readonly json?: boolean;
}

const ABOUT: About = {
  text: `
What it does with a connection:
  --echo      sends back what comes, of any size, as it comes (default)
  --chat      sends each message to all who are connected
  --exec CMD  runs CMD in a shell for each connection: a text message is a line
              of its stdin, a line of its stdout is a text message; with
              --binary both are bytes. When the client closes, its stdin ends,
              and it has five seconds; when the connection is lost, none.
  --dir DIR   sends the file that the path names, as one binary message, and
              closes. The same files over HTTP; with another mode only over
              HTTP, so that a page can talk to the server it came from.
  --inspect   an echo with a page that shows each frame; the address is printed

--tls makes a certificate for localhost that lives as long as the process (it
needs the package selfsigned); --cert and --key bring one. Either way the port
speaks HTTP/2 and HTTP/1.1, and takes WebSockets over both. --http2 implies
--tls: browsers have no HTTP/2 without it.

PORT and HOST in the environment are defaults of --port and --host. Pages of
other origins are refused, unless --origins lets them in.`.trim(),
  clean: 'nobody reads its stdout any more',
  failed: 'it cannot have the port, or what it needs is not there',
  examples: [
    'framepipe serve --inspect',
    'framepipe serve --inspect --tls',
    'framepipe serve --port 9000 --chat -v',
    "framepipe serve --exec 'jq -c --unbuffered .value'",
    'framepipe serve --dir public --echo',
  ],
};

const DEFAULT_PORT = '8080';
/** This machine only: nobody should open a port to the network without being asked to. */
const DEFAULT_HOST = '127.0.0.1';
const DRAIN_MS = 1_500;

/** Adds the command. */
export function serveCommand(program: Command, run: Run): void {
  const command = program
    .command('serve')
    .description('serve WebSockets: echo, chat, a command, files')
    .option('-p, --port <port>', `listen on this port; 0 takes a free one (default: ${DEFAULT_PORT})`)
    .option('--host <address>', `listen on this address (default: ${DEFAULT_HOST})`)
    .option('--echo', 'send back what comes (default)')
    .option('--chat', 'send each message to everybody')
    .option('--exec <command>', 'run a command for each connection')
    .option('--dir <directory>', 'send the files of a directory')
    .option('-b, --binary', 'with --exec: bytes, not lines')
    .option('--inspect', 'echo, and serve the page that shows the frames')
    .option('--tls', 'use TLS with a certificate made for this run, HTTP/2 and HTTP/1.1')
    .option('--cert <file>', 'use TLS with this certificate (PEM)')
    .option('--key <file>', 'and with its private key (PEM)')
    .option('--http2', 'offer HTTP/2; implies --tls');
  addOriginsFlag(command)
    .option('-s, --subprotocol <name>', 'agree on a subprotocol; may be repeated', each)
    .option('--deflate', 'agree on compression')
    .option('-v, --verbose', 'show connections on stderr')
    .option('-q, --quiet', 'print nothing')
    .option('--json', 'print the address as a line of JSON');
  addAbout(command, ABOUT);
  command.action((flags: ServeFlags) => run((life) => serve(flags, life)));
}

async function serve(flags: ServeFlags, life: Life): Promise<number> {
  const { PORT, HOST } = process.env;
  const port = portOf(flags.port ?? (PORT || DEFAULT_PORT));
  const host = flags.host ?? (HOST || DEFAULT_HOST);
  const secrets = await secretsOf(flags);
  if (flags.inspect === true) return inspect(port, host, secrets, life);
  const mode = modeOf(flags);
  const front = new Front(mode.http ?? refusePages, secrets);
  const server = webSocketsOn(front, flags, mode);
  const boundPort = await listening(front.server, port, host);
  announce(`${front.isSecure ? 'wss' : 'ws'}://${hostText(host)}:${boundPort}/`, flags, mode);
  await life.stopped;
  void front.close();
  await server.close({ timeoutMs: DRAIN_MS });
  await mode.stop();
  front.cutOff();
  return EXIT.clean;
}

function webSocketsOn(front: Front, flags: ServeFlags, mode: ServeMode): WebSocketServer<ReadAs> {
  const { readAs, maxMessageBytes } = mode;
  const { subprotocol: subprotocols, verbose } = flags;
  const origins = originsOf(flags.origins);
  const deflate = flags.deflate === true;
  const server = createServer({ server: front.server, readAs, maxMessageBytes, origins, subprotocols, deflate });
  if (verbose === true) logConnections(server);
  server.on('connection', (ws) => mode.serve(ws));
  return server;
}

function announce(url: string, flags: ServeFlags, mode: ServeMode): void {
  if (flags.json === true) say(JSON.stringify({ url, mode: mode.name }));
  else if (flags.quiet !== true) say(`Listening on ${url} (${mode.name})`);
}
