/**
 * stdout and stderr, and who looks at them.
 *
 * Knows: whether there is a person, how wide the screen is, whether colours are wanted (NO_COLOR, TERM).
 * Does not know: what is said.
 */
import { styleText } from 'node:util';

export type Style = 'bold' | 'dim' | 'red' | 'green' | 'yellow' | 'cyan' | 'magenta';

/** Paints a text, or leaves it as it is where colours are not wanted. */
export type Paint = (style: Style, text: string) => string;

const DEFAULT_COLUMNS = 80;

/** Colours for a stream: only on a terminal that has them, and that was not told otherwise. */
export function painterFor(stream: NodeJS.WriteStream): Paint {
  const wanted = stream.isTTY && stream.hasColors();
  return wanted ? (style, text) => styleText(style, text, { validateStream: false }) : (_, text) => text;
}

/** Columns of a terminal; 80 where there is none. */
export function columnsOfScreen(stream: NodeJS.WriteStream): number {
  return stream.columns > 0 ? stream.columns : DEFAULT_COLUMNS;
}

/** Writes a line to stdout. */
export function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

/** Writes a line to stderr, which is for people: what a script reads is on stdout. */
export function tell(line: string): void {
  process.stderr.write(`${line}\n`);
}

/** Writes to stdout and resolves when it wants more; a closed stdout wants everything. */
export async function sayBytes(bytes: Uint8Array | string): Promise<void> {
  const { stdout } = process;
  if (stdout.destroyed || stdout.write(bytes)) return;
  await new Promise<void>((resolve) => {
    const go = () => {
      stdout.off('drain', go).off('close', go).off('error', go);
      resolve();
    };
    stdout.on('drain', go).on('close', go).on('error', go);
  });
}
