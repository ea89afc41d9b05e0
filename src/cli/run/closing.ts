/**
 * How a connection of ours has ended, in words and as an exit code.
 *
 * Knows: close codes by name, and which ends are clean.
 * Does not know: who was connected.
 */
import type { CloseInfo } from '../../duplex/closing.js';
import type { ReadAs } from '../../duplex/options.js';
import type { WebSocketDuplex } from '../../duplex/websocket-duplex.js';
import { ConnectionError } from '../../errors.js';
import { oneLine } from '../terminal-text.js';
import { EXIT } from './failure.js';
import { tell } from './terminal.js';

const NAMES: Readonly<Record<number, string>> = {
  1000: 'normal',
  1001: 'going away',
  1002: 'protocol error',
  1003: 'unsupported data',
  1005: 'no code',
  1006: 'lost, without a close frame',
  1007: 'invalid payload',
  1008: 'policy violation',
  1009: 'message too big',
  1010: 'extension missing',
  1011: 'internal error',
  1012: 'service restart',
  1013: 'try again later',
  1014: 'bad gateway',
};

/** `1000 (normal): bye`. */
export function closeText({ code, reason }: Pick<CloseInfo, 'code' | 'reason'>): string {
  const name = NAMES[code];
  return `${code}${name === undefined ? '' : ` (${name})`}${reason === '' ? '' : `: ${oneLine(reason)}`}`;
}

/** The sentence about a close that is a failure. A reason that is a sentence keeps the stop that it has. */
export function closeSentence(received: Pick<CloseInfo, 'code' | 'reason'>): string {
  const text = `The server closed with ${closeText(received)}`;
  return /[.!?…]$/.test(text) ? text : `${text}.`;
}

/**
 * Closes because the user has had enough. What is half sent is cut off, and the peer is told by a 1001 in the middle of
 * a message: half a message must not pass for a whole one. Before the handshake is done there is nobody to tell.
 */
export function leave(ws: WebSocketDuplex<ReadAs>, isSending: boolean): void {
  if (ws.destroyed) return;
  if (ws.url === undefined && ws.request === undefined) ws.destroy();
  else if (isSending) ws.destroy(new ConnectionError('ERR_WS_INTERRUPTED', 1001, 'Interrupted.'));
  else ws.close(1001);
}

/** Waits for the end; resolves with the exit code, or rejects with what went wrong. */
export async function finish(ws: WebSocketDuplex): Promise<number> {
  const failure = new Promise<Error | null>((resolve) => {
    ws.once('error', resolve).once('close', () => resolve(null));
  });
  const error = await failure;
  const info = await ws.closed;
  if (error === null) return EXIT.clean;
  if (info.received === undefined) throw error;
  tell(`framepipe: ${closeSentence(info.received)}`);
  return EXIT.failed;
}
