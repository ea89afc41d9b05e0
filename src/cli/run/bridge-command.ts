/**
 * `framepipe bridge`: TCP through WebSockets, in either direction.
 *
 * Knows: its options, and how two streams of bytes are joined so that each side ends in its own time.
 * Does not know: what passes; a database, VNC and SSH look the same from here.
 */
import { createServer as createHttpServer } from 'node:http';
import { createServer as createTcpServer, connect as dialTcp, type Server, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { Command } from 'commander';
import { connect } from '../../client.js';
import type { WebSocketOptions } from '../../duplex/options.js';
import type { WebSocketDuplex } from '../../duplex/websocket-duplex.js';
import { ConnectionError, UsageError } from '../../errors.js';
import { createServer } from '../../server.js';
import { pipeline } from '../../streams.js';
import { hostText, parseEndpoint, type TcpEndpoint, type WebSocketEndpoint } from '../endpoint.js';
import { oneLine } from '../terminal-text.js';
import { bytesText } from '../units.js';
import { addDialFlags, type DialFlags, dialOptions } from './dial-flags.js';
import { describe, EXIT } from './failure.js';
import { type About, addAbout } from './help.js';
import type { Life } from './life.js';
import { listening, shut } from './listening.js';
import { addOriginsFlag, originsOf } from './origins.js';
import type { Run } from './program.js';
import { refusePages } from './refuse-pages.js';
import { say, tell } from './terminal.js';

interface BridgeFlags extends DialFlags {
  readonly origins?: string;
  readonly verbose?: boolean;
  readonly quiet?: boolean;
}

const ABOUT: About = {
  text: `
FROM is where it listens, TO is where each connection leads. One of them is
ws:// (TO may be wss://), the other tcp://. A host that is left out is
127.0.0.1: only this machine. Bytes go as binary messages, whose boundaries mean
nothing; the end of one direction leaves the other one open, for as long as the
other side keeps its own open.

Clients that offer the subprotocol "binary", as those of websockify do, get it.
Pages of other origins are refused, unless --origins lets them in.`.trim(),
  clean: 'nobody reads its stdout any more',
  failed: 'it cannot have the port; that TO is not there is told, and it goes on',
  examples: [
    'framepipe bridge ws://:8080 tcp://localhost:5432         a database',
    'framepipe bridge tcp://:5432 wss://db.example.com/       and back to TCP',
    'framepipe bridge ws://0.0.0.0:6080 tcp://localhost:5900  VNC for a browser',
  ],
};

/**
 * Nothing is lost because somebody takes his time; a peer that vanished is found by keepalive. One buffer of TCP waits on
 * each side at most.
 */
const TUNNEL: WebSocketOptions<'bytes'> = { readAs: 'bytes', closeTimeoutMs: Infinity, maxBufferedBytes: 65_536 };

/** Adds the command. */
export function bridgeCommand(program: Command, run: Run): void {
  const command = program
    .command('bridge <from> <to>')
    .description('carry TCP connections over WebSockets, or WebSockets to TCP');
  addOriginsFlag(command).option('-v, --verbose', 'show connections on stderr').option('-q, --quiet', 'print nothing');
  addAbout(addDialFlags(command), ABOUT);
  command.action((from: string, to: string, flags: BridgeFlags) => run((life) => bridge(from, to, flags, life)));
}

async function bridge(from: string, to: string, flags: BridgeFlags, life: Life): Promise<number> {
  const [source, target] = [parseEndpoint(from), parseEndpoint(to)];
  const isIn = source.kind === 'ws' && target.kind === 'tcp';
  const isOut = source.kind === 'tcp' && target.kind === 'ws';
  if (source.kind === 'ws' && source.secure)
    throw new UsageError('A bridge listens on ws:// or tcp://, not on wss://.');
  if (isIn) return fromWebSockets(source, target, flags, life);
  if (isOut) return fromTcp(source, target, flags, life);
  throw new UsageError('One end of a bridge is tcp://, the other one ws:// or wss://.');
}

async function fromWebSockets(
  from: WebSocketEndpoint,
  to: TcpEndpoint,
  flags: BridgeFlags,
  life: Life,
): Promise<number> {
  const http = createHttpServer(refusePages);
  const server = createServer({
    ...TUNNEL,
    server: http,
    ...(from.path === null ? {} : { path: from.path }),
    origins: originsOf(flags.origins),
    subprotocols: ['binary'],
  });
  let connections = 0;
  server.on('connection', (ws) => {
    const tcp = dialTcp({ ...to, allowHalfOpen: true, noDelay: true });
    join(ws, tcp, ++connections, flags);
  });
  const port = await listening(http, from.port, from.host);
  announce(`ws://${hostText(from.host)}:${port}${from.path ?? '/'}`, `tcp://${hostText(to.host)}:${to.port}`, flags);
  await life.stopped;
  await shut(http, server);
  return EXIT.clean;
}

async function fromTcp(from: TcpEndpoint, to: WebSocketEndpoint, flags: BridgeFlags, life: Life): Promise<number> {
  const open = new Set<Duplex>();
  let connections = 0;
  const server: Server = createTcpServer({ allowHalfOpen: true, noDelay: true }, (tcp) => {
    const ws = connect(to.url, { ...dialOptions(flags), ...TUNNEL });
    open.add(tcp);
    tcp.once('close', () => open.delete(tcp));
    join(ws, tcp, ++connections, flags);
  });
  const port = await listening(server, from.port, from.host);
  announce(`tcp://${hostText(from.host)}:${port}`, to.url, flags);
  await life.stopped;
  server.close();
  for (const tcp of open) tcp.destroy();
  return EXIT.clean;
}

/**
 * Two pipelines: each direction has its own pace and its own end. When one fails, so does the other, and both peers are
 * told: a WebSocket by 1011, TCP by a reset.
 */
function join(ws: WebSocketDuplex<'bytes'>, tcp: Socket, number: number, flags: BridgeFlags): void {
  const which = flags.verbose === true ? `#${number}: ` : '';
  const report = (error: Error) => {
    if (flags.quiet !== true) tell(`framepipe: ${which}${oneLine(describe(error).says ?? '')}`);
  };
  if (flags.verbose === true) log(ws, tcp, number);
  // Before the pipelines do it: a pipeline ends TCP as if everything had arrived.
  ws.once('error', (error) => {
    if (tcp.destroyed) return;
    report(error);
    tcp.resetAndDestroy();
  });
  tcp.once('error', (error) => {
    if (ws.destroyed) return;
    report(error);
    ws.destroy(new ConnectionError('ERR_WS_BRIDGE', 1011, 'The other side of the bridge failed.'));
  });
  pipeline(ws, tcp, () => {});
  pipeline(tcp, ws, () => {});
}

/** Who has come, and how much went which way. */
function log(ws: WebSocketDuplex<'bytes'>, tcp: Socket, number: number): void {
  const { socket, url = '' } = ws.request ?? { socket: tcp };
  tell(`#${number} open   ${socket.remoteAddress}:${socket.remotePort} ${oneLine(url)}`.trimEnd());
  tcp.once('close', () => {
    tell(`#${number} closed; ↓ ${bytesText(tcp.bytesRead)} from TCP, ↑ ${bytesText(tcp.bytesWritten)} to it`);
  });
}

function announce(from: string, to: string, { quiet }: BridgeFlags): void {
  if (quiet !== true) say(`Bridge from ${from} to ${to}`);
}
