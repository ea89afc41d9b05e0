/**
 * `framepipe decode`: the frames of a capture.
 *
 * Knows: its options, where the bytes come from, where the rows go.
 * Does not know: captures and frames (src/cli/capture).
 */
import { setImmediate as turn } from 'node:timers/promises';
import type { Command } from 'commander';
import { ByteGatherer } from '../../codec/byte-gatherer.js';
import type { Role } from '../../codec/frame.js';
import { UsageError } from '../../errors.js';
import { DEFAULT_MAX_FRAME_BYTES } from '../capture/frame-reader.js';
import { CaptureError } from '../capture/raw.js';
import { sizeText } from '../units.js';
import { decodeLines, type Line } from './decode-lines.js';
import { EXIT, Failure } from './failure.js';
import { bytesOf } from './file-bytes.js';
import { type About, addAbout, sizeOption } from './help.js';
import type { Life } from './life.js';
import type { Run } from './program.js';
import { columnsOfScreen, sayBytes } from './terminal.js';

interface DecodeFlags {
  readonly json?: boolean;
  readonly role?: Role;
  readonly extensions?: string;
  readonly maxFrame: number;
}

const MAX_CAPTURE_BYTES = 1024 ** 3;
const BATCH_CHARACTERS = 32_768;

const ABOUT: About = {
  text: `
The capture is a pcap or pcapng file, as tcpdump and Wireshark write them, or
the bytes of one direction of a connection, where an HTTP head in front is
skipped. Without FILE it is stdin. It is read to its end first, and may have
1 GiB.`.trim(),
  clean: 'all was decoded',
  failed: 'a frame breaks the protocol, something is missing, the file is damaged',
  examples: [
    'tcpdump -i lo -w chat.pcap port 8080',
    'framepipe decode chat.pcap',
    'framepipe decode --role server --extensions permessage-deflate server.bin',
    `framepipe decode --json chat.pcap | jq -r 'select(.opcode == "text") | .text'`,
  ],
};

/** Adds the command. */
export function decodeCommand(program: Command, run: Run): void {
  const command = program
    .command('decode [file]')
    .description('show the frames of a capture')
    .option('--json', 'print a JSON object for each frame')
    .option('--role <role>', 'say who sent raw bytes: client or server (default: by their mask bit)', roleOf)
    .option('--extensions <value>', 'say what the 101 had in Sec-WebSocket-Extensions, for raw bytes without it')
    .addOption(
      sizeOption('--max-frame <size>', 'take frames of this size, as they are and inflated', DEFAULT_MAX_FRAME_BYTES),
    );
  addAbout(command, ABOUT);
  command.action((file: string | undefined, flags: DecodeFlags) => run((life) => decode(file, flags, life)));
}

async function decode(file: string | undefined, flags: DecodeFlags, life: Life): Promise<number> {
  const capture = await Promise.race([bytesFrom(file), life.stopped]);
  if (capture === undefined) return EXIT.failed;
  if (capture.length === 0) throw new Failure('The capture is empty.');
  try {
    const { json = false, role = null, extensions = null, maxFrame: maxFrameBytes } = flags;
    const columns = columnsOfScreen(process.stdout);
    return await print(decodeLines(capture, { json, role, extensions, maxFrameBytes, columns }), life);
  } catch (error) {
    throw error instanceof CaptureError ? new Failure(error.message) : error;
  }
}

/** Many lines at a time, and a turn of the event loop for each time: somebody may press Ctrl-C. */
async function print(lines: Iterable<Line>, life: Life): Promise<number> {
  let exitCode: number = EXIT.clean;
  let waiting = '';
  try {
    for (const { text, isFault } of lines) {
      if (isFault) exitCode = EXIT.failed;
      waiting += `${text}\n`;
      if (waiting.length < BATCH_CHARACTERS) continue;
      const batch = waiting;
      waiting = '';
      await sayBytes(batch);
      await turn();
      if (life.reason !== null) break;
    }
  } finally {
    await sayBytes(waiting);
  }
  return exitCode;
}

/** All bytes of the file, or of stdin. */
async function bytesFrom(file: string | undefined): Promise<Buffer> {
  const input = file === undefined || file === '-' ? process.stdin : bytesOf(file);
  const gathered = new ByteGatherer();
  for await (const chunk of input as AsyncIterable<Buffer>) {
    gathered.add(chunk, 0, chunk.length);
    if (gathered.length > MAX_CAPTURE_BYTES) throw new Failure(`The capture has over ${sizeText(MAX_CAPTURE_BYTES)}.`);
  }
  return gathered.take();
}

function roleOf(text: string): Role {
  if (text === 'client' || text === 'server') return text;
  throw new UsageError(`"${text}" is no role; client and server are.`);
}
