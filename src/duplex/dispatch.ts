/**
 * Sending one message, whatever it is.
 *
 * Knows: which kinds of messages leave at once and which take their time, and which are compressed.
 * Does not know: queues, callbacks; write-side.ts calls it when a message's turn has come.
 */
import { Opcode } from '../codec/frame.js';
import { PASSING_MEMORY } from '../codec/passing-memory.js';
import { bytesOf } from '../codec/payload.js';
import { encodeUtf8 } from '../codec/utf8.js';
import { UsageError } from '../errors.js';
import {
  isPieces,
  type MessageOptions,
  PassingText,
  type QueuedMessage,
  type SendFragment,
  sendPieces,
} from './outgoing.js';
import { PreparedMessage } from './prepared-message.js';
import type { Sender } from './sender.js';
import type { SessionDeflate } from './session-deflate.js';

/** Where messages go: the two parts of a session that sending needs. */
export interface Outbound {
  readonly sender: Sender;
  readonly deflate: SessionDeflate | null;
}

/**
 * Sends `message`: null when it is with the sender already, a promise when it goes on in fragments through `send`.
 * Throws a UsageError for what is no message.
 */
export function dispatch(
  outbound: Outbound,
  message: QueuedMessage,
  { compress }: MessageOptions,
  send: SendFragment,
): Promise<void> | null {
  const { sender, deflate } = outbound;
  if (typeof message === 'string') {
    if (deflate?.wantsText(message, compress)) {
      // It has at least as many bytes as units.
      if (!deflate.isShort(message.length)) return deflate.sendLong(Opcode.text, message, send);
      return compressed(sender, deflate, Opcode.text, encodeUtf8(message), send);
    }
    sender.text(message);
    return null;
  }
  if (message instanceof PreparedMessage) return prepared(outbound, message, compress, send);
  const bytes = bytesOf(message);
  if (bytes !== null) {
    if (deflate?.wants(bytes.length, compress)) return compressed(sender, deflate, Opcode.binary, bytes, send);
    sender.binary(bytes);
    return null;
  }
  if (message instanceof PassingText) return passing(outbound, message.bytes, send);
  if (!isPieces(message)) throw new UsageError('This is no message.');
  return sendPieces(message, deflate === null || compress === false ? send : deflate.compressing(send));
}

function compressed(
  sender: Sender,
  deflate: SessionDeflate,
  opcode: Opcode,
  payload: Buffer,
  send: SendFragment,
): Promise<void> | null {
  if (!deflate.isShort(payload.length)) return deflate.sendLong(opcode, payload, send);
  const smaller = deflate.compress(payload);
  sender.frame(opcode, true, smaller ?? payload, smaller !== null);
  return null;
}

function passing({ sender, deflate }: Outbound, text: Buffer, send: SendFragment): Promise<void> | null {
  if (!deflate?.wants(text.length, undefined)) {
    sender.passing(Opcode.text, text);
    return null;
  }
  if (deflate.isShort(text.length)) return compressed(sender, deflate, Opcode.text, text, send);
  return deflate.sendLong(Opcode.text, text, send, () => PASSING_MEMORY.giveBack(text));
}

function prepared(
  { sender, deflate }: Outbound,
  message: PreparedMessage,
  choice: boolean | undefined,
  send: SendFragment,
): Promise<void> | null {
  const frame = deflate?.shared(message, choice) ?? message.plain;
  if (frame instanceof Promise) {
    // The connection may end while the message is being compressed; `send` knows.
    return frame.then(async ({ opcode, payload, isCompressed }) => {
      if (isCompressed) deflate?.sendsShared();
      await send(opcode, true, payload, isCompressed);
    });
  }
  if (frame.isCompressed) deflate?.sendsShared();
  sender.shared(frame);
  return null;
}
