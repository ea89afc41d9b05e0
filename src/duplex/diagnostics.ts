/**
 * The `node:diagnostics_channel` channels. A channel that nobody listens to costs one property read.
 *
 * - `framepipe:open`    `{ socket }`
 * - `framepipe:close`   `{ socket, info }`, info as `ws.closed` gives it
 * - `framepipe:frame`   `{ socket, direction: 'in' | 'out', opcode, fin, bytes }`, bytes of payload
 * - `framepipe:message` `{ socket, direction: 'in' | 'out', type: 'text' | 'binary', bytes }`; bytes is null for a message
 *   that is read or written as a stream, which is reported when it begins; type is null when its first piece will tell
 * - `framepipe:error`   `{ socket, error }`
 */
import { channel } from 'node:diagnostics_channel';

export const channels = {
  open: channel('framepipe:open'),
  close: channel('framepipe:close'),
  frame: channel('framepipe:frame'),
  message: channel('framepipe:message'),
  error: channel('framepipe:error'),
} as const;

/** A whole message was received, or one that is read as a stream begins (`message` null). */
export function publishReceived(socket: unknown, type: 'text' | 'binary', message: string | Buffer | null): void {
  const bytes = message === null ? null : Buffer.byteLength(message);
  channels.message.publish({ socket, direction: 'in', type, bytes });
}
