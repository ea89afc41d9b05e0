/**
 * A line on stderr that is written over and over, for people only.
 *
 * Knows: how to redraw a line and to leave nothing behind.
 * Does not know: what it says.
 */
import { clearLine, cursorTo } from 'node:readline';
import { columnsOfScreen } from './terminal.js';

const REDRAW_MS = 200;
/** For the ^C that a terminal shows where it was pressed, and the cursor: a line that wraps is not wiped whole. */
const ROOM = 3;

/** Shows what `line` answers until `end`; does nothing where stderr is no terminal. */
export class StatusLine {
  readonly #line: (columns: number) => string;
  readonly #timer: NodeJS.Timeout | null;

  /** `wanted` false never shows anything. */
  constructor(wanted: boolean, line: (columns: number) => string) {
    this.#line = line;
    this.#timer = wanted && process.stderr.isTTY ? setInterval(() => this.#draw(), REDRAW_MS).unref() : null;
  }

  /** Draws it a last time and leaves it, or wipes it out. */
  end(last: 'keep' | 'wipe'): void {
    if (this.#timer === null) return;
    clearInterval(this.#timer);
    this.#wipe();
    if (last === 'keep') process.stderr.write(`${this.#line(columnsOfScreen(process.stderr) - ROOM)}\n`);
  }

  #draw(): void {
    this.#wipe();
    process.stderr.write(this.#line(columnsOfScreen(process.stderr) - ROOM));
  }

  #wipe(): void {
    cursorTo(process.stderr, 0);
    clearLine(process.stderr, 0);
  }
}
