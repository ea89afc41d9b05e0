/**
 * Text of strangers, made fit for a terminal.
 *
 * Knows: which characters would move the cursor, colour the screen or reorder a line, and how many columns a text takes.
 * Does not know: streams.
 */

/** Control characters but tab and newline, what reorders a line (bidi), and what begins an escape sequence. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what it looks for.
const UNSAFE = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/g;

/** Characters that take two columns: most of CJK, and emoji. */
const WIDE =
  /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\u{20000}-\u{3fffd}]|\p{Emoji_Presentation}/u;
const ZERO = /^(?:\p{M}|\u200b|\u200d|\ufe0f)$/u;

/** The text with each dangerous character as `\x1b` or `\u202e`. Newlines and tabs stay. */
export function safeText(text: string): string {
  return text.replace(UNSAFE, (character) => {
    const code = character.charCodeAt(0);
    return code < 0x100 ? `\\x${code.toString(16).padStart(2, '0')}` : `\\u${code.toString(16).padStart(4, '0')}`;
  });
}

/** `safeText` on one line: newlines and tabs are shown as `\n` and `\t`. */
export function oneLine(text: string): string {
  return safeText(text).replaceAll('\n', '\\n').replaceAll('\t', '\\t');
}

/** Columns that the text takes in a terminal, roughly: wide characters take two, combining ones none. */
export function columnsOf(text: string): number {
  let columns = 0;
  for (const character of text) columns += widthOf(character);
  return columns;
}

/** At most `columns` columns of the text; what is cut off is shown as `…`. Does not look at what lies far behind the cut. */
export function cutTo(text: string, columns: number): string {
  let used = 0;
  let at = 0;
  let cutAt = 0;
  for (const character of text) {
    used += widthOf(character);
    if (used > columns) return `${text.slice(0, cutAt)}…`;
    at += character.length;
    if (used <= columns - 1) cutAt = at;
  }
  return text;
}

/** The text with spaces after it up to `columns` columns, or before it when `side` is `'left'`. */
export function padTo(text: string, columns: number, side: 'left' | 'right' = 'right'): string {
  const room = ' '.repeat(Math.max(0, columns - columnsOf(text)));
  return side === 'right' ? text + room : room + text;
}

function widthOf(character: string): number {
  if (character <= '\u02ff') return 1;
  if (ZERO.test(character)) return 0;
  return WIDE.test(character) ? 2 : 1;
}
