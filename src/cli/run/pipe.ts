/**
 * `framepipe connect` as a pipe: stdin to the socket, the socket to stdout, in constant memory.
 *
 * Knows: lines and one streamed message, what the end of each side means, progress.
 * Does not know: the handshake, or terminals.
 */

import { fstatSync } from 'node:fs';
import { setTimeout as wait } from 'node:timers/promises';
import type { ConnectOptions } from '../../client.js';
import type { MessageStream } from '../../duplex/message-stream.js';
import type { ReadAs } from '../../duplex/options.js';
import type { WebSocketDuplex } from '../../duplex/websocket-duplex.js';
import { LineSplitter } from '../lines.js';
import { progressLine, RateMeter } from '../progress.js';
import { safeText } from '../terminal-text.js';
import { closeSentence, closeText, leave } from './closing.js';
import type { ConnectFlags } from './connect-command.js';
import { describe, EXIT, Failure } from './failure.js';
import { watchFrames } from './frame-watch.js';
import type { Life, StopReason } from './life.js';
import { StatusLine } from './status-line.js';
import { sayBytes, tell } from './terminal.js';
import { YoungGarbage } from './young-garbage.js';

const MEBIBYTE = 1024 * 1024;
/** For the last bytes and our close, once the server has closed. */
const HANG_UP_MS = 5_000;
const MAX_LINE_BYTES = 16 * MEBIBYTE;

/**
 * A slow line may hold our ping back behind what was sent before it, and the end of stdin is our close, after which the
 * server may go on sending for as long as it likes: silence ends the connection, time does not.
 */
const PATIENCE = { closeTimeoutMs: Infinity, keepAlive: { intervalMs: 30_000, timeoutMs: 60_000 } } as const;

/** Runs until both sides have ended; resolves with the exit code. */
export async function runPipe(
  open: (options: ConnectOptions<'stream'>) => WebSocketDuplex<'stream'>,
  flags: ConnectFlags,
  life: Life,
): Promise<number> {
  const ws = open({ ...PATIENCE, readAs: 'stream', maxMessageBytes: Infinity, maxBufferedBytes: MEBIBYTE });
  const pipe = new Pipe(ws, flags);
  life.onStop((reason) => pipe.interrupt(reason));
  return pipe.run();
}

class Pipe {
  readonly #ws: WebSocketDuplex<'stream'>;
  readonly #flags: ConnectFlags;
  readonly #progress: StatusLine;
  readonly #garbage = new YoungGarbage();
  #sent = 0;
  #received = 0;
  /** True from the first byte of a message that is all of stdin until its last one. */
  #isHalfSent = false;
  #isAllSent = false;
  /** The server has closed while the one message was still being read from stdin. */
  #isCutShort = false;
  #isInterrupted = false;
  #isOver = false;
  /** What went wrong with stdin: it ends the connection, and is what the user has to know. */
  #mistake: Error | null = null;

  constructor(ws: WebSocketDuplex<'stream'>, flags: ConnectFlags) {
    this.#ws = ws;
    this.#flags = flags;
    this.#progress = this.#startProgress();
    if (flags.verbose === true) talk(ws);
    if (flags.frames === true) watchFrames(ws, tell);
  }

  async run(): Promise<number> {
    void this.#send();
    try {
      await this.#receive();
      this.#hangUp();
      const info = await this.#ws.closed;
      this.#endProgress();
      if (this.#flags.verbose === true) tell(`Closed ${closeText(info)}`);
      if (this.#mistake !== null) throw this.#mistake;
      if (this.#isCutShort) throw new Failure('The server closed before all of stdin was sent.');
      return EXIT.clean;
    } catch (error) {
      this.#endProgress();
      if (this.#isInterrupted) return EXIT.failed;
      throw this.#mistake ?? (await this.#explained(error));
    }
  }

  /** The server has said all it had to say: it has a little time to take what is still on its way to it. */
  #hangUp(): void {
    this.#isCutShort = this.#flags.binary === true && !this.#isAllSent && !this.#isInterrupted;
    if (this.#isCutShort) this.#ws.destroy();
    else setTimeout(() => this.#ws.destroy(), HANG_UP_MS).unref();
  }

  /** The user, or the reader of stdout, has had enough. */
  interrupt(reason: StopReason): void {
    this.#isInterrupted = true;
    leave(this.#ws, this.#isHalfSent || reason === 'EPIPE');
  }

  async #receive(): Promise<void> {
    const inLines = this.#flags.binary !== true;
    for await (const message of this.#ws as AsyncIterable<MessageStream>) {
      const isText = message.type === 'text';
      const onScreen = process.stdout.isTTY === true && isText;
      if (onScreen) message.setEncoding('utf8');
      for await (const chunk of message as AsyncIterable<Buffer | string>) {
        this.#received += chunk.length;
        if (!this.#isInterrupted) await sayBytes(typeof chunk === 'string' ? safeText(chunk) : chunk);
        this.#garbage.dropped(chunk.length);
      }
      if (inLines && isText && !this.#isInterrupted) await sayBytes('\n');
    }
  }

  /** Never rejects: what goes wrong with stdin ends the connection, and is kept. */
  async #send(): Promise<void> {
    const flags = this.#flags;
    this.#isAllSent = !flags.stdin || (flags.binary === true && process.stdin.isTTY === true);
    if (this.#isAllSent) return;
    try {
      await this.#ws.opened;
      await (flags.binary === true ? this.#sendAll() : this.#sendLines());
      this.#isAllSent = true;
      if (flags.wait > 0) await Promise.race([wait(flags.wait, undefined, { ref: false }), this.#ws.closed]);
      this.#ws.end();
    } catch (error) {
      if (this.#ws.destroyed || this.#isInterrupted) return;
      this.#mistake = error as Error;
      this.#ws.destroy(error as Error);
    }
  }

  /** All of stdin as one message. */
  #sendAll(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#isHalfSent = true;
      this.#ws.write(this.#counted(), (error) => {
        if (error) return reject(error);
        this.#isHalfSent = false;
        return resolve();
      });
    });
  }

  async #sendLines(): Promise<void> {
    const lines = new LineSplitter(MAX_LINE_BYTES);
    for await (const chunk of this.#counted()) {
      for (const line of lines.push(chunk)) await this.#sendLine(line);
    }
    const last = lines.end();
    if (last !== null) await this.#sendLine(last);
  }

  async #sendLine(line: string): Promise<void> {
    if (this.#ws.writableEnded || this.#ws.write(line) || this.#ws.destroyed) return;
    await new Promise<void>((resolve) => {
      this.#ws.once('drain', resolve).once('close', resolve);
    });
  }

  async *#counted(): AsyncGenerator<Buffer> {
    for await (const chunk of process.stdin as AsyncIterable<Buffer>) {
      yield chunk;
      this.#sent += chunk.length;
      this.#garbage.dropped(chunk.length);
    }
  }

  #startProgress(): StatusLine {
    const wanted = this.#flags.quiet !== true && process.stdout.isTTY !== true && this.#flags.frames !== true;
    const total = this.#flags.stdin ? sizeOfStdin() : null;
    const meter = new RateMeter();
    const began = performance.now();
    return new StatusLine(wanted, (columns) => {
      const elapsedMs = performance.now() - began;
      const [sent, received] = [this.#sent, this.#received];
      const lately = meter.look(elapsedMs, sent + received);
      const rate = this.#isOver ? ((sent + received) / elapsedMs) * 1_000 : lately;
      return progressLine({ sent, received, total, elapsedMs, rate }, columns);
    });
  }

  /** The line that stays tells the rate of the whole. */
  #endProgress(): void {
    this.#isOver = true;
    this.#progress.end('keep');
  }

  /** What the peer said is more to the point than that it was not clean. */
  async #explained(error: unknown): Promise<unknown> {
    const { received } = await this.#ws.closed;
    if (error instanceof Failure || received === undefined || describe(error).exitCode === EXIT.usage) return error;
    return new Failure(closeSentence(received));
  }
}

/** Pings, pongs and the handshake, on stderr. */
export function talk(ws: WebSocketDuplex<ReadAs>): void {
  ws.on('open', () => {
    const facts = [
      ...(ws.subprotocol === null ? [] : [`subprotocol ${ws.subprotocol}`]),
      ...(ws.extensions.length === 0 ? [] : [`extensions ${ws.extensions.map(({ name }) => name).join(', ')}`]),
    ];
    tell(`Connected to ${ws.url}${facts.length === 0 ? '' : ` (${facts.join(', ')})`}`);
  });
  ws.on('ping', (payload: Buffer) => tell(`← ping ${payloadText(payload)}`));
  ws.on('pong', (payload: Buffer) => tell(`← pong ${payloadText(payload)}`));
  ws.on('close-frame', (reason: { code: number; reason: string }) => tell(`← close ${closeText(reason)}`));
}

/** The payload of a control frame: as text if it is one, else as hex. */
export function payloadText(payload: Buffer): string {
  return /^[\x20-\x7e]*$/.test(payload.toString('latin1')) ? payload.toString('latin1') : payload.toString('hex');
}

/** Bytes that a file on stdin has; null for anything else. */
function sizeOfStdin(): number | null {
  try {
    const stat = fstatSync(0);
    return stat.isFile() ? stat.size : null;
  } catch {
    return null;
  }
}
