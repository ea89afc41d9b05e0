/**
 * What `framepipe serve` does with a connection.
 *
 * Knows: the modes by name, and the short ones: echo and chat.
 * Does not know: ports, or how to stop the server.
 */
import type { RequestListener } from 'node:http';
import { Broadcast } from '../../broadcast/stream/broadcast.js';
import type { ReadAs } from '../../duplex/options.js';
import type { WebSocketDuplex } from '../../duplex/websocket-duplex.js';
import { UsageError } from '../../errors.js';
import { pipeline } from '../../streams.js';
import { echoesVia } from './echo.js';
import { execMode } from './exec-mode.js';
import { fileMode, fileServer } from './file-mode.js';
import type { ServeFlags } from './serve-command.js';
import { YoungGarbage } from './young-garbage.js';

/** One way to serve. */
export interface ServeMode<How extends ReadAs = ReadAs> {
  /** For people: `echo`. */
  readonly name: string;
  readonly readAs: How;
  /** The largest message that is taken, in bytes. */
  readonly maxMessageBytes: number;
  /** Takes a connection. */
  serve(ws: WebSocketDuplex<How>): void;
  /** Resolves when nothing is left of what the connections had begun; they are closed by then. */
  stop(): Promise<void>;
  /** Answers requests that are no WebSockets. */
  readonly http?: RequestListener;
}

const MAX_CHAT_BYTES = 1024 * 1024;
/** Bytes that may wait for one member of a chat. */
const MAX_WAITING_BYTES = 8 * MAX_CHAT_BYTES;

/** The mode that the flags ask for. Throws a UsageError for more than one. */
export function modeOf({ echo, chat, exec, dir, binary }: ServeFlags): ServeMode {
  const modes = [
    ...(echo === true ? [echoMode()] : []),
    ...(chat === true ? [chatMode()] : []),
    ...(exec === undefined ? [] : [execMode(exec, binary === true)]),
  ];
  const [first, second] = modes;
  if (second !== undefined) throw new UsageError('--echo, --chat and --exec exclude each other.');
  if (binary === true && exec === undefined) throw new UsageError('--binary goes with --exec.');
  if (dir === undefined) return first ?? echoMode();
  return first === undefined ? fileMode(dir) : { ...first, http: fileServer(dir) };
}

/** Messages come back while they are still arriving, so any size does. */
function echoMode(): ServeMode<'stream'> {
  const echoes = echoesVia(new YoungGarbage());
  return {
    name: 'echo',
    readAs: 'stream',
    maxMessageBytes: Infinity,
    serve: (ws) => {
      pipeline(ws, echoes, ws, () => {});
    },
    stop: async () => {},
  };
}

/** Who is slower than the others, and lets them wait for more than MAX_WAITING_BYTES, is shown out. */
function chatMode(): ServeMode<'message'> {
  const room = new Broadcast({ maxBufferedBytes: MAX_WAITING_BYTES, closeReason: 'Too slow for this chat' });
  return {
    name: 'chat',
    readAs: 'message',
    maxMessageBytes: MAX_CHAT_BYTES,
    serve: (ws) => {
      room.add(ws);
      ws.on('data', (message: string | Buffer) => room.write(message));
    },
    stop: async () => void room.end(),
  };
}
