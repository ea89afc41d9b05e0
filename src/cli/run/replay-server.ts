/**
 * `framepipe replay --listen`: the server of a recorded session, for each client anew.
 *
 * Knows: how it listens, and that a session is checked before anybody comes.
 * Does not know: the order of things (play.ts).
 */
import { createServer as createHttpServer } from 'node:http';
import type { WebSocketDuplex } from '../../duplex/websocket-duplex.js';
import { UsageError } from '../../errors.js';
import { createServer } from '../../server.js';
import { hostText } from '../endpoint.js';
import { logConnections } from './connection-log.js';
import { describe, EXIT } from './failure.js';
import type { Life } from './life.js';
import { listening, shut } from './listening.js';
import { originsOf } from './origins.js';
import { type Part, play } from './play.js';
import { refusePages } from './refuse-pages.js';
import { checkedSession, openSession } from './session-reader.js';
import { say, tell } from './terminal.js';

/** Options of the command that are those of a server. */
export interface ReplayServerFlags {
  readonly host?: string;
  readonly origins?: string;
  readonly subprotocol?: readonly string[];
  readonly verbose?: boolean;
  readonly quiet?: boolean;
}

/** Listens until it is asked to stop. */
export async function serveReplay(
  file: string,
  { host, port }: { readonly host: string; readonly port: number },
  part: Part,
  flags: ReplayServerFlags,
  life: Life,
): Promise<number> {
  const header = await checkedSession(file);
  const { subprotocol: subprotocols = header.subprotocol === null ? [] : [header.subprotocol] } = flags;
  const http = createHttpServer(refusePages);
  const server = createServer({ server: http, origins: originsOf(flags.origins), subprotocols });
  if (flags.verbose === true) logConnections(server);
  server.on('connection', (ws: WebSocketDuplex) => void serve(ws, file, part));
  const boundPort = await listening(http, port, host);
  if (flags.quiet !== true) say(`Listening on ws://${hostText(host)}:${boundPort}/ (replay of ${file})`);
  await life.stopped;
  await shut(http, server);
  return EXIT.clean;
}

/** From the beginning of the file. It was good when we began to listen; what has become of it since is told. */
async function serve(ws: WebSocketDuplex, file: string, part: Part): Promise<void> {
  ws.once('error', (error) => {
    if (error instanceof UsageError) tell(`framepipe: ${describe(error).says}`);
  });
  try {
    const { events } = await openSession(file);
    await play(ws, events, part);
  } catch (error) {
    ws.destroy(new UsageError(describe(error).says ?? ''));
  }
}
