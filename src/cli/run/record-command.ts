/**
 * `framepipe record` and `framepipe replay`: a session with its timing into a file, and back.
 *
 * Knows: their options, who says what, and when.
 * Does not know: the format (session-file.ts).
 */
import { createReadStream, createWriteStream } from 'node:fs';
import type { Writable } from 'node:stream';
import { setTimeout as wait } from 'node:timers/promises';
import type { Command } from 'commander';
import { connect } from '../../client.js';
import type { CloseReason } from '../../codec/close-code.js';
import type { WebSocketDuplex } from '../../duplex/websocket-duplex.js';
import { UsageError } from '../../errors.js';
import { LineSplitter } from '../lines.js';
import {
  closeCodeOf,
  messageEvent,
  parseEvent,
  parseHeader,
  type SessionEvent,
  type SessionHeader,
} from '../session-file.js';
import { closeText, leave } from './closing.js';
import { addDialFlags, type DialFlags, dialOptions, urlOf } from './dial-flags.js';
import { EXIT } from './failure.js';
import type { Life } from './life.js';
import type { Run } from './program.js';
import { sayBytes, tell } from './terminal.js';

interface RecordFlags extends DialFlags {
  readonly output?: string;
  readonly stdin: boolean;
}

interface ReplayFlags extends DialFlags {
  readonly speed: number;
  readonly asFast?: boolean;
  readonly quiet?: boolean;
}

const MAX_LINE_BYTES = 64 * 1024 * 1024;

const ABOUT_RECORD = `
Lines of stdin are sent as text messages and recorded, as is everything that the server sends. One line of JSON for each:
the first one is a header, the others have "ms" since the connection was open, "from" (client or server) and "type"
(text, binary as base64, close).

Examples:
  framepipe record -o session.jsonl wss://example.com/feed
  framepipe record --no-stdin wss://example.com/feed | jq -r 'select(.from == "server") | .text'
`;

const ABOUT_REPLAY = `
Sends what the client has sent in a recorded session, with the same pauses, to the URL of the recording or to another one.
What the server sends is written to stdout, a text message a line.

Examples:
  framepipe replay session.jsonl
  framepipe replay --as-fast session.jsonl ws://localhost:8080
`;

/** Adds the commands. */
export function recordCommands(program: Command, run: Run): void {
  const record = program
    .command('record <url>')
    .description('write a session with its timing to a file')
    .option('--output <file>', 'where to; stdout without it')
    .option('--no-stdin', 'do not read stdin, only receive');
  addDialFlags(record).addHelpText('after', ABOUT_RECORD.replaceAll(' -o ', ' --output '));
  record.action((url: string, flags: RecordFlags) => run((life) => recordFrom(urlOf(url), flags, life)));
  const replay = program
    .command('replay <file> [url]')
    .description('send what was recorded again, with its timing')
    .option('--speed <factor>', 'so many times as fast', factor, 1)
    .option('--as-fast', 'without any pauses')
    .option('-q, --quiet', 'print nothing of what the server sends');
  addDialFlags(replay).addHelpText('after', ABOUT_REPLAY);
  replay.action((file: string, url: string | undefined, flags: ReplayFlags) =>
    run((life) => replayTo(file, url, flags, life)),
  );
}

async function recordFrom(url: string, flags: RecordFlags, life: Life): Promise<number> {
  const ws = connect(url, dialOptions(flags));
  life.onStop(() => leave(ws, false));
  await ws.opened;
  const out: Writable = flags.output === undefined ? process.stdout : createWriteStream(flags.output);
  const broken = new Promise<never>((_, reject) => out.once('error', reject));
  broken.catch((error: Error) => ws.destroy(error));
  const began = performance.now();
  const note = (line: SessionHeader | SessionEvent) => {
    if (!out.write(`${JSON.stringify(line)}\n`) && !ws.isPaused()) {
      ws.pause();
      out.once('drain', () => ws.resume());
    }
  };
  const { subprotocol } = ws;
  note({ framepipe: 'session', version: 1, url: ws.url ?? url, subprotocol, startedAt: new Date().toISOString() });
  ws.on('close-frame', ({ code, reason }: CloseReason) => {
    note({ ms: Math.round((performance.now() - began) * 10) / 10, from: 'server', type: 'close', code, reason });
  });
  ws.on('data', (message: string | Buffer) => note(messageEvent(performance.now() - began, 'server', message)));
  if (flags.stdin) void sendLines(ws, (line) => note(messageEvent(performance.now() - began, 'client', line)));
  return finish(ws);
}

async function sendLines(ws: WebSocketDuplex, sent: (line: string) => void): Promise<void> {
  const lines = new LineSplitter(MAX_LINE_BYTES);
  const send = async (line: string) => {
    if (ws.writableEnded) return;
    sent(line);
    if (!ws.write(line)) await roomIn(ws);
  };
  try {
    for await (const chunk of process.stdin as AsyncIterable<Buffer>)
      for (const line of lines.push(chunk)) await send(line);
    const last = lines.end();
    if (last !== null) await send(last);
    ws.end();
  } catch (error) {
    ws.destroy(error as Error);
  }
}

async function replayTo(file: string, url: string | undefined, flags: ReplayFlags, life: Life): Promise<number> {
  const lines = linesOf(file);
  const first = await lines.next();
  if (first.done === true) throw new UsageError('The session is empty.');
  const header = parseHeader(first.value);
  const subprotocol =
    flags.subprotocol.length > 0 || header.subprotocol === null ? flags.subprotocol : [header.subprotocol];
  const ws = connect(url === undefined ? header.url : urlOf(url), dialOptions({ ...flags, subprotocol }));
  life.onStop(() => leave(ws, false));
  ws.on('data', async (message: string | Buffer) => {
    if (flags.quiet === true) return;
    ws.pause();
    await sayBytes(typeof message === 'string' ? `${message}\n` : message);
    ws.resume();
  });
  await ws.opened;
  void play(ws, lines, flags.asFast === true ? Infinity : flags.speed);
  return finish(ws);
}

/** Never rejects: a mistake in the file ends the connection, and is its error. */
async function play(ws: WebSocketDuplex, lines: AsyncGenerator<string>, speed: number): Promise<void> {
  const began = performance.now();
  let number = 1;
  try {
    for await (const line of lines) {
      number++;
      const event = parseEvent(line, number);
      const pause = event.ms / speed - (performance.now() - began);
      if (pause > 1) await Promise.race([wait(pause, undefined, { ref: false }), ws.closed]);
      if (ws.writableEnded || ws.destroyed) return;
      if (event.from === 'server') continue;
      if (event.type === 'close') return void ws.close(closeCodeOf(event), event.reason);
      if (!ws.write(event.type === 'text' ? event.text : Buffer.from(event.base64, 'base64'))) await roomIn(ws);
    }
    ws.end();
  } catch (error) {
    ws.destroy(error as Error);
  }
}

async function* linesOf(file: string): AsyncGenerator<string> {
  const lines = new LineSplitter(MAX_LINE_BYTES);
  for await (const chunk of createReadStream(file) as AsyncIterable<Buffer>) yield* lines.push(chunk);
  const last = lines.end();
  if (last !== null) yield last;
}

/** Waits for the end; resolves with the exit code, or rejects with what went wrong. */
async function finish(ws: WebSocketDuplex): Promise<number> {
  const failure = new Promise<Error | null>((resolve) => {
    ws.once('error', resolve).once('close', () => resolve(null));
  });
  const error = await failure;
  const info = await ws.closed;
  if (error === null) return EXIT.clean;
  if (info.received === undefined) throw error;
  tell(`framepipe: The server closed with ${closeText(info.received)}.`);
  return EXIT.failed;
}

function roomIn(ws: WebSocketDuplex): Promise<void> {
  return new Promise((resolve) => {
    ws.once('drain', resolve).once('close', resolve);
  });
}

function factor(text: string): number {
  const speed = Number(text);
  if (!(speed > 0) || speed === Infinity) throw new UsageError(`"${text}" is no speed; 2 and 0.5 are.`);
  return speed;
}
