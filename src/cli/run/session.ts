/**
 * `framepipe connect` in a terminal: what is typed is sent, what comes is printed above the line that is being typed.
 *
 * Knows: readline, and how a message looks.
 * Does not know: what the commands are (session-command.ts).
 */
import { clearScreenDown, createInterface, cursorTo, type Interface, moveCursor } from 'node:readline';
import type { ConnectOptions } from '../../client.js';
import type { WebSocketDuplex } from '../../duplex/websocket-duplex.js';
import { hexDump } from '../hex.js';
import { parseSessionLine, SESSION_HELP, type SessionCommand } from '../session-command.js';
import { safeText } from '../terminal-text.js';
import { countText, latencyText } from '../units.js';
import { closeText, leave } from './closing.js';
import type { ConnectFlags } from './connect-command.js';
import { EXIT, Failure } from './failure.js';
import { watchFrames } from './frame-watch.js';
import { historyFile, readHistory, writeHistory } from './history.js';
import type { Life } from './life.js';
import { payloadText } from './pipe.js';
import { columnsOfScreen, type Paint, painterFor } from './terminal.js';

const PROMPT = '> ';
const MAX_DUMP_BYTES = 512;
const MAX_TEXT_CHARACTERS = 16_384;

/** Runs until the connection is over; resolves with the exit code. */
export async function runSession(
  open: (options: ConnectOptions) => WebSocketDuplex,
  flags: ConnectFlags,
  life: Life,
): Promise<number> {
  const ws = open({});
  life.onStop(() => leave(ws, false));
  await ws.opened;
  return new Session(ws, flags, life).run();
}

class Session {
  readonly #ws: WebSocketDuplex;
  readonly #flags: ConnectFlags;
  readonly #life: Life;
  readonly #paint: Paint = painterFor(process.stdout);
  readonly #lines: Interface;
  #isOver = false;

  constructor(ws: WebSocketDuplex, flags: ConnectFlags, life: Life) {
    this.#ws = ws;
    this.#flags = flags;
    this.#life = life;
    const path = flags.history ? historyFile() : null;
    this.#lines = createInterface({
      input: process.stdin,
      output: process.stdout,
      prompt: PROMPT,
      historySize: path === null ? 0 : 1_000,
      history: path === null ? [] : readHistory(path),
      removeHistoryDuplicates: true,
    });
    // While Node believes that completion is off, which is as long as it takes apart what came in one piece, it appends
    // characters to the end of the line wherever the cursor is. There is no completer, so that is all the switch does.
    Object.defineProperty(this.#lines, 'isCompletionEnabled', { get: () => true, set: () => {} });
    if (path !== null) this.#lines.on('history', (lines) => writeHistory(path, lines));
  }

  async run(): Promise<number> {
    this.#greet();
    this.#listenToPeer();
    this.#listenToUser();
    this.#lines.prompt();
    const failure = await this.#failure();
    this.#isOver = true;
    const info = await this.#ws.closed;
    this.#wipe();
    process.stdout.write(`${this.#paint(failure === null ? 'dim' : 'red', `Closed ${closeText(info)}`)}\n`);
    this.#lines.close();
    if (failure !== null && this.#ws.url !== undefined && info.received === undefined) throw failure;
    return failure === null ? EXIT.clean : EXIT.failed;
  }

  #greet(): void {
    const { subprotocol, extensions, url = '' } = this.#ws;
    const facts = [
      ...(subprotocol === null ? [] : [`subprotocol ${subprotocol}`]),
      ...extensions.map(({ name }) => name),
    ];
    const about = facts.length === 0 ? '' : ` (${facts.join(', ')})`;
    if (this.#flags.quiet !== true) this.#print('dim', `Connected to ${url}${about} (/help lists commands)`);
  }

  #listenToPeer(): void {
    const { verbose, frames } = this.#flags;
    this.#ws.on('data', (message: string | Buffer) => this.#show(message));
    if (frames === true) watchFrames(this.#ws, (line) => this.#print('dim', line));
    if (verbose !== true) return;
    this.#ws.on('ping', (payload: Buffer) => this.#print('dim', `← ping ${payloadText(payload)}`));
    this.#ws.on('pong', (payload: Buffer) => this.#print('dim', `← pong ${payloadText(payload)}`));
    this.#ws.on('close-frame', (reason: { code: number; reason: string }) =>
      this.#print('dim', `← close ${closeText(reason)}`),
    );
  }

  #listenToUser(): void {
    this.#lines.on('line', (line) => this.#typed(line));
    this.#lines.on('SIGINT', () => this.#life.stop('SIGINT'));
    this.#lines.on('close', () => {
      if (!this.#isOver && this.#life.reason === null) void this.#ws.close(1000);
    });
  }

  /** Resolves when the socket is done with, with what went wrong or null. */
  #failure(): Promise<Error | null> {
    return new Promise((resolve) => {
      this.#ws.once('error', resolve);
      this.#ws.once('close', () => resolve(null));
    });
  }

  #typed(line: string): void {
    try {
      this.#obey(parseSessionLine(line));
    } catch (error) {
      this.#print('yellow', (error as Error).message);
    }
    if (!this.#isOver) this.#lines.prompt();
  }

  #obey(command: SessionCommand): void {
    if (command.do === 'help') this.#print('dim', SESSION_HELP);
    if (command.do === 'close') void this.#ws.close(command.code, command.reason);
    if (command.do === 'ping') void this.#ping(command.payload);
    if (command.do !== 'send') return;
    if (this.#ws.writableEnded) throw new Failure('The connection is closing.');
    this.#ws.write(command.message);
  }

  async #ping(payload: string | undefined): Promise<void> {
    try {
      const ms = await this.#ws.ping(payload);
      this.#print('dim', `pong after ${latencyText(ms)}`);
    } catch {
      this.#print('yellow', 'The connection ended before the pong.');
    }
  }

  #show(message: string | Buffer): void {
    if (typeof message !== 'string') {
      this.#print('magenta', `< ${countText(message.length)} bytes, binary`);
      const columns = columnsOfScreen(process.stdout);
      if (message.length > 0) this.#print(null, hexDump(message, { columns, maxBytes: MAX_DUMP_BYTES }));
      return;
    }
    const shown = message.slice(0, MAX_TEXT_CHARACTERS);
    this.#print('cyan', `< ${safeText(shown)}`);
    const more = message.length - shown.length;
    if (more > 0) this.#print('dim', `… ${countText(more)} characters more`);
  }

  /** Prints above the line that is being typed, which stays as it is. */
  #print(style: Parameters<Paint>[0] | null, text: string): void {
    this.#wipe();
    process.stdout.write(`${style === null ? text : this.#paint(style, text)}\n`);
    if (!this.#isOver) this.#lines.prompt(true);
  }

  /** Takes the prompt, and what is typed behind it over however many rows, off the screen. */
  #wipe(): void {
    moveCursor(process.stdout, 0, -this.#lines.getCursorPos().rows);
    cursorTo(process.stdout, 0);
    clearScreenDown(process.stdout);
  }
}
