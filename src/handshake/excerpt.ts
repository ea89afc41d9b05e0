/**
 * Text from the network, made fit for an error message.
 *
 * Knows: which characters a terminal and a log can take, and how to be brief.
 * Does not know: where the text comes from.
 */

/** How many characters of a field value an error quotes. */
const FIELD_CHARACTERS = 80;

/**
 * `text` on one line: each run of white space becomes one space, each run of other characters outside visible ASCII
 * becomes `·`. At most `limit` characters, the last one `…` when there was more.
 */
export function printable(text: string, limit: number): string {
  const plain = text
    .replace(/[\t\n\r ]+/g, ' ')
    .replace(/[^\x20-\x7e]+/g, '·')
    .trim();
  return plain.length > limit ? `${plain.slice(0, limit - 1)}…` : plain;
}

/** A field value in double quotes, at most 80 characters of it. */
export function quoted(value: string): string {
  return `"${printable(value, FIELD_CHARACTERS)}"`;
}
