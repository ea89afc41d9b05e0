/**
 * A page and what it watches: its echo connection, and at most one lab client at a time.
 *
 * Knows: what each command does, and what the page is told.
 * Does not know: HTTP, pages, how frames are read.
 */
import type { Duplex } from 'node:stream';
import { Writable } from '../streams.js';
import { type Command, parseCommand } from './commands.js';
import type { Feed } from './feed.js';
import { LAB_CASES, type LabCase } from './lab-cases.js';
import type { LabOutcome } from './lab-client.js';
import { MessageLine } from './message-line.js';
import { Valve } from './valve.js';
import { type FrameDescription, WireTap } from './wire-tap.js';

/** Which connection of a room a frame was seen on. */
export type Connection = 'echo' | 'lab';

/** Every socket that a page has to do with: those two, and the one on which it is told. */
export type SocketName = Connection | 'frames';

/** The largest message that is echoed. */
export const MAX_ECHO_BYTES = 16 * 1024 * 1024;

const NUMBERS_MS = 100;

interface Watched {
  readonly line: MessageLine;
  readonly valve: Valve;
  readonly taps: { readonly in: WireTap; readonly out: WireTap };
}

/** Lives as long as the page's `/frames` connection. */
export class Room {
  readonly #feed: Feed;
  readonly #runLab: (labCase: LabCase) => Promise<LabOutcome>;
  #echo: Watched | null = null;
  #labBusy = false;
  #runs = 0;
  #timer: NodeJS.Timeout | null = null;
  #lastNumbers = '';

  constructor(feed: Feed, runLab: (labCase: LabCase) => Promise<LabOutcome>) {
    this.#feed = feed;
    this.#runLab = runLab;
    feed.tell({ type: 'hello', cases: LAB_CASES.map(({ id, title }) => ({ id, title })) });
  }

  /** Tells the page what a socket runs on. */
  introduce(name: SocketName, http: 'HTTP/1.1' | 'HTTP/2', isSecure: boolean): void {
    this.#feed.tell({ type: 'socket', name, http, isSecure });
  }

  /** Takes a connection of this room's page, and echoes what comes. */
  attach(bytes: Duplex, connection: Connection): MessageLine {
    const run = this.#runs++;
    const tap = (direction: 'in' | 'out') =>
      new WireTap((detail: FrameDescription) => {
        this.#feed.offer({ type: 'frame', detail: { connection, run, direction, ...detail } });
      });
    const taps = { in: tap('in'), out: tap('out') };
    const line = new MessageLine(bytes, {
      maxMessageBytes: MAX_ECHO_BYTES,
      taps,
      onFailure: (error) => this.#feed.tell({ type: 'failed', connection, ...factsOf(error) }),
      onFragmented: () => this.#feed.tell({ type: 'armed', pieces: 0 }),
      onEnd: () => this.#detach(line),
    });
    const valve = new Valve(line.out);
    if (connection === 'echo') this.#watch({ line, valve, taps });
    line.start(valve);
    return line;
  }

  /** Where the page's commands go; `onEnd` is called when there will be no more. */
  commands(onEnd: () => void): Writable {
    return new Writable({
      objectMode: true,
      write: (message: string | Buffer, _, done) => {
        const command = parseCommand(message);
        if (typeof command === 'string') this.#feed.tell({ type: 'refused', why: command });
        else this.#obey(command);
        done();
      },
      final: (done) => {
        onEnd();
        done();
      },
    });
  }

  /** The page has gone: what it closed must not stay closed. */
  leave(): void {
    this.#stopNumbers();
    this.#echo?.valve.open();
    this.#echo = null;
  }

  #watch(echo: Watched): void {
    this.#echo = echo;
    this.#feed.tell({ type: 'attached' });
    this.#timer ??= setInterval(() => this.#tellNumbers(), NUMBERS_MS);
  }

  #detach(line: MessageLine): void {
    if (this.#echo?.line !== line) return;
    this.#tellNumbers();
    this.#stopNumbers();
    this.#echo = null;
  }

  #obey(command: Command): void {
    if (command.type === 'lab') {
      void this.#lab(command.case);
      return;
    }
    const echo = this.#echo;
    if (echo === null) {
      this.#feed.tell({ type: 'refused', why: 'There is no connection to do that with.' });
      return;
    }
    if (command.type === 'ping' && !echo.line.ping('are you there?')) {
      this.#feed.tell({ type: 'refused', why: 'The browser does not read, so a ping would only wait.' });
    }
    if (command.type === 'pause') echo.valve.shut();
    if (command.type === 'resume') echo.valve.open();
    if (command.type === 'fragments') {
      echo.line.fragmenter.cutNext(command.pieces);
      this.#feed.tell({ type: 'armed', pieces: command.pieces });
    }
    this.#tellNumbers();
  }

  async #lab(id: string): Promise<void> {
    const labCase = LAB_CASES.find((candidate) => candidate.id === id);
    if (labCase === undefined || this.#labBusy) {
      this.#feed.tell({ type: 'refused', why: labCase ? 'The lab client is busy.' : 'There is no such lab case.' });
      return;
    }
    this.#labBusy = true;
    const outcome = await this.#runLab(labCase);
    this.#labBusy = false;
    this.#feed.tell({ type: 'lab', name: labCase.title, expects: labCase.expects, ...outcome });
  }

  /** Sends the numbers if they have changed, or while the valve is closed. */
  #tellNumbers(): void {
    const echo = this.#echo;
    if (echo === null) return;
    const { line, valve, taps } = echo;
    const numbers = {
      paused: valve.isShut,
      payloadIn: taps.in.dataBytes,
      taken: valve.takenBytes,
      payloadOut: taps.out.dataBytes,
      socketHolds: line.unreadBytes,
    };
    const text = JSON.stringify(numbers);
    if (text === this.#lastNumbers && !valve.isShut) return;
    this.#lastNumbers = text;
    this.#feed.offer({ type: 'pressure', ...numbers });
  }

  #stopNumbers(): void {
    if (this.#timer !== null) clearInterval(this.#timer);
    this.#timer = null;
    this.#lastNumbers = '';
  }
}

function factsOf({ code, closeCode, message }: { code: string; closeCode: number | null; message: string }) {
  return { code, closeCode, message };
}
