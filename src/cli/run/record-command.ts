/**
 * `framepipe record`: a session with its timing into a file.
 *
 * Knows: its options, who says what, and when.
 * Does not know: the format (session-file.ts).
 */
import { createWriteStream } from 'node:fs';
import { dirname } from 'node:path';
import type { Writable } from 'node:stream';
import { finished } from 'node:stream/promises';
import type { Command } from 'commander';
import { connect } from '../../client.js';
import type { CloseReason } from '../../codec/close-code.js';
import type { WebSocketDuplex } from '../../duplex/websocket-duplex.js';
import { LineSplitter } from '../lines.js';
import { messageEvent, type SessionEvent, type SessionHeader } from '../session-file.js';
import { finish, leave } from './closing.js';
import { addDialFlags, type DialFlags, dialOptions, urlOf } from './dial-flags.js';
import { Failure } from './failure.js';
import { type About, addAbout } from './help.js';
import type { Life } from './life.js';
import { roomIn } from './play.js';
import type { Run } from './program.js';
import { MAX_LINE_BYTES } from './session-reader.js';

interface RecordFlags extends DialFlags {
  readonly output?: string;
  readonly stdin: boolean;
}

const ABOUT: About = {
  text: `
Lines of stdin are sent as text messages and recorded, as is everything that the
server sends. One line of JSON for each: the first one is a header, the others
have "ms" since the connection was open, "from" (client or server) and "type"
(text, binary as base64, close). framepipe replay plays it again.`.trim(),
  clean: 'the server has closed cleanly',
  failed: 'it has not, or was not there, or the file cannot be written',
  examples: [
    'framepipe record --output session.jsonl wss://example.com/feed',
    "framepipe record --no-stdin wss://example.com/feed | jq -r '.text // empty'",
  ],
};

/** Adds the command. */
export function recordCommand(program: Command, run: Run): void {
  const record = program
    .command('record <url>')
    .description('write a session with its timing to a file')
    .option('--output <file>', 'write to this file, not to stdout')
    .option('--no-stdin', 'do not read stdin, only receive');
  addAbout(addDialFlags(record), ABOUT);
  record.action((url: string, flags: RecordFlags) => run((life) => recordFrom(urlOf(url), flags, life)));
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
  try {
    return await finish(ws);
  } finally {
    if (out !== process.stdout) await finished(out.end()).catch(inWords);
  }
}

/** ENOENT of a file that is to be made speaks of its directory. */
function inWords(error: NodeJS.ErrnoException): never {
  if (error.code !== 'ENOENT' || error.path === undefined) throw error;
  throw new Failure(`There is no directory ${dirname(error.path)}.`);
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
