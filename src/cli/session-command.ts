/**
 * What a person types into a session: a message, or a command that begins with a slash.
 *
 * Knows: the commands and what they take.
 * Does not know: who obeys them.
 */
import { Buffer } from 'node:buffer';
import { isWireCloseCode, MAX_REASON_BYTES } from '../codec/close-code.js';
import { MAX_CONTROL_BYTES } from '../codec/frame.js';
import { UsageError } from '../errors.js';
import { parseHex } from './hex.js';

export type SessionCommand =
  | { readonly do: 'nothing' | 'help' }
  | { readonly do: 'send'; readonly message: string | Buffer }
  | { readonly do: 'ping'; readonly payload: string | undefined }
  | { readonly do: 'close'; readonly code: number; readonly reason: string };

export const SESSION_HELP = [
  '/ping [TEXT]          send a ping, show the round trip',
  '/binary HEX           send a binary message: /binary ff 00 7f',
  '/close [CODE [TEXT]]  close, with 1000 or another code',
  '/help                 this list',
  '//TEXT                send a text that begins with a slash',
  '↑ and ↓               earlier lines',
  'Ctrl-D, Ctrl-C        close; leave at once, with exit code 130',
].join('\n');

/** Reads a line. Throws a UsageError for a command that is none, or that cannot be obeyed. */
export function parseSessionLine(line: string): SessionCommand {
  if (line === '') return { do: 'nothing' };
  if (!line.startsWith('/')) return { do: 'send', message: line };
  if (line.startsWith('//')) return { do: 'send', message: line.slice(1) };
  const [, name = '', rest = ''] = /^\/(\S*)\s*(.*)$/s.exec(line) ?? [];
  if (name === 'help' || name === '?') return { do: 'help' };
  if (name === 'ping') return pingOf(rest);
  if (name === 'binary') return { do: 'send', message: parseHex(rest) };
  if (name === 'close') return closeOf(rest);
  throw new UsageError(`There is no /${name}. /help lists the commands; //${name} sends it as a text.`);
}

function pingOf(text: string): SessionCommand {
  if (Buffer.byteLength(text) > MAX_CONTROL_BYTES) {
    throw new UsageError(`A ping carries at most ${MAX_CONTROL_BYTES} bytes.`);
  }
  return { do: 'ping', payload: text === '' ? undefined : text };
}

function closeOf(rest: string): SessionCommand {
  const [, codeText = '', reason = ''] = /^(\S*)\s*(.*)$/s.exec(rest) ?? [];
  const code = codeText === '' ? 1000 : Number(codeText);
  if (!isWireCloseCode(code)) {
    throw new UsageError(`${codeText} is no close code; 1000, 1001 and 4000 to 4999 are among those that are.`);
  }
  if (Buffer.byteLength(reason) > MAX_REASON_BYTES) {
    throw new UsageError(`The reason of a close has at most ${MAX_REASON_BYTES} bytes.`);
  }
  return { do: 'close', code, reason };
}
