/**
 * A request of HTTP/2 that asks for a WebSocket, as an Http2Server's 'stream' event gives it (RFC 8441 §5).
 *
 * Knows: how it is answered: a 200 and the stream goes on, or a response that ends it. The session goes on either way.
 * Does not know: who may come in.
 */
import { Buffer } from 'node:buffer';
import type { IncomingMessage } from 'node:http';
import type { ServerHttp2Stream } from 'node:http2';
import type { Duplex } from 'node:stream';
import { type ConnectHead, connectHead } from '../connect-head.js';
import { acceptanceFields, refusalFields } from '../connect-response.js';
import type { Terms } from '../judge-request.js';
import type { HeaderFields, RefusalResponse } from '../response-head.js';
import { type Refused, refused } from '../verdict.js';
import type { Arrival, Judges } from './arrival.js';
import { http2Request } from './http2-message.js';
import { cancel, Http2Transport } from './http2-transport.js';
import { ignoreErrors } from './linger.js';

/** How long a refused client may take to read why, in milliseconds: it decides how much window we have. */
const LINGER_MS = 1000;

const NO_BYTES = Buffer.alloc(0);

/** Owns `stream` from now on. `raw` is its head: name, value, name, value. */
export class ConnectArrival implements Arrival<Terms> {
  readonly request: IncomingMessage;
  readonly head = NO_BYTES;
  readonly #head: ConnectHead;
  readonly #stream: ServerHttp2Stream;

  constructor(stream: ServerHttp2Stream, raw: readonly string[]) {
    // Until the stream has an owner who listens, its errors must not end the process; 'close' follows them.
    stream.on('error', ignoreErrors);
    this.#stream = stream;
    this.#head = connectHead(raw);
    this.request = http2Request(stream, this.#head);
  }

  get isSecure(): boolean {
    return this.#head.scheme === 'https' || this.#stream.session?.encrypted === true;
  }

  get isGone(): boolean {
    return this.#stream.closed || this.#stream.destroyed || this.#stream.headersSent;
  }

  judge({ connect }: Judges): Terms | Refused {
    // An app may have rewritten the target, as over HTTP/1.1.
    return connect({ ...this.#head, target: this.request.url ?? '' });
  }

  /** RFC 6455 §4.1: a client sends nothing before it has our answer, and one that is through says so with a close frame. */
  objection(): Refused | null {
    const { readableLength, readableEnded, endAfterHeaders } = this.#stream;
    const isSilent = readableLength === 0 && !readableEnded && !endAfterHeaders;
    return isSilent ? null : refused(400, 'The client must wait for the answer before it sends anything.');
  }

  accept(terms: Terms, headers: HeaderFields | undefined): Duplex {
    this.#stream.respond(acceptanceFields({ ...terms, headers }));
    return new Http2Transport(this.#stream);
  }

  refuse(response: RefusalResponse): void {
    const stream = this.#stream;
    const { fields, content } = refusalFields(response);
    if (this.isGone) return;
    stream.respond(fields);
    // Node resets a stream that nobody reads once its response is through; this is for a client that takes none of it.
    const deadline = setTimeout(() => cancel(stream), LINGER_MS).unref();
    stream.once('close', () => clearTimeout(deadline));
    stream.end(content);
  }
}
