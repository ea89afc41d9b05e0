/**
 * One HTTP/2 stream as a connection of its own (RFC 8441 §5).
 *
 * Knows: END_STREAM is what FIN is to TCP, RST_STREAM with CANCEL is what RST is, and flow control is backpressure: a
 * stream that is paused gives its peer no more window, and its neighbours on the session keep theirs.
 * Does not know: handshakes, frames of WebSocket, or how many streams a session has.
 */

import { type ClientHttp2Stream, constants, type Http2Session, type ServerHttp2Stream } from 'node:http2';
import type { ConnectionError } from '../../errors.js';
import { violation } from '../../errors.js';
import { Duplex } from '../../streams.js';
import { http2CodeName } from '../http2-codes.js';

type Done = (error?: Error | null) => void;

/** A stream of either side. */
export type AnyHttp2Stream = ClientHttp2Stream | ServerHttp2Stream;

/** Resets `stream` at once: CANCEL, and nothing of what is still queued. */
export function cancel(stream: AnyHttp2Stream): void {
  // Node would end the writable side first, and an END_STREAM on the wire looks like a finished connection.
  stream._final = (done) => done();
  stream.close(constants.NGHTTP2_CANCEL);
}

/**
 * The bytes of `stream`, whose response head has been sent or received. Owns it: destroyed before both sides have ended,
 * it resets it. What was written leaves in order; a callback means that the bytes are with the kernel or in HTTP/2's
 * queue for it.
 *
 * Ends when the peer sends END_STREAM. A reset, by the peer or by HTTP/2 itself, destroys it with `ERR_WS_STREAM_RESET`,
 * the end of the session with `ERR_WS_SESSION_LOST`; what has arrived and was not read is lost then, as with a TCP reset.
 */
export class Http2Transport extends Duplex {
  readonly #stream: AnyHttp2Stream;
  readonly #session: Http2Session | undefined;
  #cause: Error | null = null;

  constructor(stream: AnyHttp2Stream) {
    super();
    this.#stream = stream;
    this.#session = stream.session;
    stream.on('data', (chunk: Buffer) => {
      if (!this.push(chunk)) stream.pause();
    });
    stream.on('end', () => this.#ended());
    stream.on('error', (cause: Error) => {
      this.#cause = cause;
    });
    stream.on('close', () => this.#over());
    if (stream.destroyed) process.nextTick(() => this.#over());
  }

  override _read(): void {
    this.#stream.resume();
  }

  override _write(chunk: Uint8Array, _encoding: BufferEncoding, done: Done): void {
    this.#stream.write(chunk, done);
  }

  /** What has piled up leaves in one go. */
  override _writev(writes: readonly { chunk: Uint8Array }[], done: Done): void {
    const stream = this.#stream;
    const last = writes.length - 1;
    stream.cork();
    writes.forEach(({ chunk }, at) => {
      stream.write(chunk, at === last ? done : undefined);
    });
    stream.uncork();
  }

  override _final(done: Done): void {
    this.#stream.end(done);
  }

  override _destroy(error: Error | null, done: Done): void {
    const stream = this.#stream;
    const isOver = this.readableEnded && this.writableFinished;
    if (!isOver && !stream.closed) cancel(stream);
    else if (!isOver) stream.destroy();
    done(error);
  }

  /** Node ends what it reads from a stream that was reset, too; then 'close' follows, unless a write waits for window. */
  #ended(): void {
    if (this.#isWhole) this.push(null);
    else this.#stream.destroy();
  }

  #over(): void {
    const { readableEnded, writableFinished } = this.#stream;
    if (!this.#isWhole || !readableEnded || !writableFinished) this.destroy(this.#loss());
  }

  /** Nobody has reset the stream so far: what it yields is what the peer has sent. */
  get #isWhole(): boolean {
    return this.#stream.rstCode === constants.NGHTTP2_NO_ERROR && !this.#stream.aborted;
  }

  #loss(): ConnectionError {
    const cause = this.#cause;
    const options = cause === null ? {} : { cause };
    if (this.#session?.destroyed) {
      return violation('SESSION_LOST', cause === null ? {} : { reason: cause.message }, options);
    }
    return violation('STREAM_RESET', { code: http2CodeName(this.#stream.rstCode ?? 0) }, options);
  }
}
