/**
 * What a session tells the socket that owns it.
 *
 * Types only. One object of functions serves all sockets of a process: `socket` says which one is meant.
 */
import type { CloseReason } from '../codec/close-code.js';
import type { Message } from '../codec/message-assembler.js';
import type { CloseInfo } from './closing.js';
import type { MessageStream } from './message-stream.js';
import type { PassingText } from './outgoing.js';
import type { WriteSide } from './write-side.js';

/** The functions of a session's owner; `Socket` is what it was made for. */
export interface SessionOwner<Socket> {
  /** Gives the reader its next item; false when it has enough. */
  push(socket: Socket, item: Message | MessageStream): boolean;
  /** Where messages go without the reader's having to see them; null where it has to. */
  forwardsTo(socket: Socket): WriteSide | null;
  /** Gives `text` to where messages go, behind what waits there; false when the reader has to see it. With null only tells. */
  relay(socket: Socket, text: PassingText | null): boolean;
  /** The peer has closed cleanly: nothing more will come. */
  readingEnds(socket: Socket): void;
  /** Both sides have closed cleanly. */
  closed(socket: Socket): void;
  /** The transport is gone; what has come before may still wait for the reader. */
  gone(socket: Socket, info: CloseInfo): void;
  /** Over, with an error. */
  failed(socket: Socket, error: Error): void;
  /** The transport has taken everything that was sent. */
  drained(socket: Socket): void;
  emit(socket: Socket, event: 'ping' | 'pong', payload: Buffer): void;
  emit(socket: Socket, event: 'close-frame', reason: CloseReason): void;
}
