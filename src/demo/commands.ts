/**
 * What the page may ask of the server.
 *
 * Knows: the commands and the range of their values. Pure.
 * Does not know: who obeys them.
 */

export type Command =
  | { readonly type: 'ping' | 'pause' | 'resume' }
  | { readonly type: 'fragments'; readonly pieces: number }
  | { readonly type: 'lab'; readonly case: string };

/** The most fragments that one message is cut into. */
export const MAX_PIECES = 16;

/** The command in one JSON line, or the sentence that says why it is none. */
export function parseCommand(line: string | Buffer): Command | string {
  const value = typeof line === 'string' ? parsed(line) : null;
  if (value === null) return 'A command is a JSON object in a text message.';
  const { type, pieces, case: name } = value;
  if (type === 'ping' || type === 'pause' || type === 'resume') return { type };
  if (type === 'lab' && typeof name === 'string') return { type, case: name };
  if (type !== 'fragments') return 'The commands are ping, pause, resume, fragments and lab.';
  if (typeof pieces !== 'number' || !Number.isInteger(pieces) || pieces < 0 || pieces > MAX_PIECES || pieces === 1) {
    return `A message is cut into 2 to ${MAX_PIECES} fragments, or with 0 into none.`;
  }
  return { type, pieces };
}

function parsed(line: string): { type?: unknown; pieces?: unknown; case?: unknown } | null {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === 'object' && value !== null ? value : null;
  } catch {
    return null;
  }
}
