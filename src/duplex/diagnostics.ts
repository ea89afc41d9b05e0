/**
 * The `node:diagnostics_channel` channels. A channel that nobody listens to costs one property read.
 *
 * - `framepipe:open`    `{ socket }`
 * - `framepipe:close`   `{ socket, info }`, info as `ws.closed` gives it
 * - `framepipe:frame`   `{ socket, direction: 'in' | 'out', opcode, fin, bytes }`, bytes of payload
 * - `framepipe:message` `{ socket, direction: 'in' | 'out', type: 'text' | 'binary', bytes }`; bytes is null for a message
 *   that is read or written as a stream, which is reported when it begins; type is null when its first piece will tell
 * - `framepipe:error`   `{ socket, error }`
 *
 * Knows: what is said of a message, whatever it is made of.
 * Does not know: who listens.
 */
import { Buffer } from 'node:buffer';
import { channel } from 'node:diagnostics_channel';
import { bytesOf } from '../codec/payload.js';
import { declaredType, isPieces, PassingText, type QueuedMessage, type WritableMessage } from './outgoing.js';
import { PreparedMessage } from './prepared-message.js';

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

/** A message is sent, or one of many pieces begins. */
export function publishSent(socket: unknown, message: QueuedMessage): void {
  const whole = wholeOf(message);
  const bytes = typeof whole === 'string' ? Buffer.byteLength(whole) : (bytesOf(whole)?.length ?? null);
  channels.message.publish({ socket, direction: 'out', type: typeOf(message), bytes });
}

function wholeOf(message: QueuedMessage): WritableMessage {
  if (message instanceof PassingText) return message.bytes;
  return message instanceof PreparedMessage ? message.payload : message;
}

/** Null when only the first piece will tell. */
function typeOf(message: QueuedMessage): 'text' | 'binary' | null {
  if (typeof message === 'string' || message instanceof PassingText) return 'text';
  if (message instanceof PreparedMessage) return message.type;
  return isPieces(message) && bytesOf(message) === null ? declaredType(message) : 'binary';
}
