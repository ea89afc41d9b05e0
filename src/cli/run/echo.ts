/**
 * Messages back to whoever sent them.
 *
 * Knows: that a short message, which is here as a whole, goes back as one frame, and that a long one goes back while it is
 * still arriving.
 * Does not know: connections.
 */
import { Buffer } from 'node:buffer';
import { setImmediate as turn } from 'node:timers/promises';
import type { MessageStream } from '../../duplex/message-stream.js';
import type { MessagePieces } from '../../duplex/outgoing.js';
import type { YoungGarbage } from './young-garbage.js';

/** What to write for each message that is read. */
export type Echoes = (messages: AsyncIterable<MessageStream>) => AsyncGenerator<string | Buffer | MessagePieces>;

/** Echoes that tell `garbage` of what has passed. */
export function echoesVia(garbage: YoungGarbage): Echoes {
  return (messages) => echoes(messages, garbage);
}

async function* echoes(
  messages: AsyncIterable<MessageStream>,
  garbage: YoungGarbage,
): AsyncGenerator<string | Buffer | MessagePieces> {
  for await (const message of messages) {
    const isText = message.type === 'text';
    if (isText) message.setEncoding('utf8');
    const here: (string | Buffer)[] = [];
    for (let piece = message.read(); piece !== null; piece = message.read()) here.push(piece);
    await turn();
    if (!message.readableEnded) yield rest(here, message, garbage);
    else yield isText ? here.join('') : Buffer.concat(here as Buffer[]);
  }
}

async function* rest(
  here: readonly (string | Buffer)[],
  message: MessageStream,
  garbage: YoungGarbage,
): AsyncGenerator<string | Buffer> {
  yield* here;
  for await (const piece of message as AsyncIterable<string | Buffer>) {
    yield piece;
    garbage.dropped(piece.length);
  }
}
