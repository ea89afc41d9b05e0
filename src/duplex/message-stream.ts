/**
 * One message as a stream of its bytes.
 *
 * Knows: its type, how to be collected, and that it may be abandoned.
 * Does not know: frames. Whoever makes it pushes the bytes, validated as UTF-8 when the type is text.
 */
import { Buffer } from 'node:buffer';
import { Readable } from '../streams.js';

/**
 * One piece waits for the reader, then the socket is stopped. A queue that never runs empty is a chain in which each dead
 * piece, once it is old, keeps the next one from dying young: 64 KiB of read-ahead cost 64 MiB of garbage at the peak,
 * this costs 32 (test/processes/large-message), at the same speed.
 */
const HIGH_WATER_MARK_BYTES = 1;

export interface MessageStreamHooks {
  /** The reader wants more. */
  readonly onWanted: () => void;
  /** The stream was destroyed before its end. */
  readonly onAbandoned: () => void;
}

/**
 * A Readable of Buffers that the reader owns. Text is valid UTF-8 as far as it has come, but a character may be cut
 * between two chunks: read it with `setEncoding('utf8')` or `text()`. It ends when the message does, and fails with the
 * connection's error when the message is cut off. Not read, it stops the whole connection; `destroy()` abandons it.
 */
export class MessageStream extends Readable {
  /** What the first frame of the message says (RFC 6455 §5.6). */
  readonly type: 'text' | 'binary';
  readonly #hooks: MessageStreamHooks;

  /** @internal */
  constructor(type: 'text' | 'binary', hooks: MessageStreamHooks) {
    super({ highWaterMark: HIGH_WATER_MARK_BYTES });
    this.type = type;
    this.#hooks = hooks;
    // A message that nobody reads may be cut off by the peer; that must not end the process.
    this.on('error', () => {});
  }

  /** All of it as a Buffer of the caller's own, up to `maxMessageBytes`. Rejects with the stream's error. */
  async bytes(): Promise<Buffer> {
    const chunks: Buffer[] = [];
    for await (const chunk of this) chunks.push(chunk);
    return Buffer.concat(chunks);
  }

  /** All of it as a string, decoded as UTF-8. Rejects with the stream's error. */
  async text(): Promise<string> {
    return (await this.bytes()).toString('utf8');
  }

  /** All of it, parsed as JSON. Rejects with the stream's error or with a SyntaxError. */
  async json(): Promise<unknown> {
    return JSON.parse(await this.text());
  }

  override _read(): void {
    this.#hooks.onWanted();
  }

  override _destroy(error: Error | null, callback: (error?: Error | null) => void): void {
    if (!this.readableEnded) this.#hooks.onAbandoned();
    callback(error);
  }
}
