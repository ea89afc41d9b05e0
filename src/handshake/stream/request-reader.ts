/**
 * One HTTP request head from a Duplex of bytes, parsed by Node.
 *
 * Knows: how to lend a byte stream to Node's HTTP parser, in how many ways Node tells us about a request, and how to
 * get the stream back untouched.
 * Does not know: what the request must look like (request-checks.ts), what is answered, deadlines.
 */

import { Buffer } from 'node:buffer';
import type { IncomingMessage } from 'node:http';
import { createServer } from 'node:http';
import { Duplex } from 'node:stream';
import { MAX_HEAD_BYTES } from '../head.js';

/** What became of the head. `rest` are the bytes that followed it, perhaps none. */
export type Reading =
  | { readonly kind: 'upgrade'; readonly request: IncomingMessage; readonly rest: Buffer }
  | { readonly kind: 'plain'; readonly request: IncomingMessage }
  | { readonly kind: 'malformed'; readonly status: 400 | 431; readonly why: string }
  | { readonly kind: 'cut-off'; readonly cause: Error | null };

const OVERFLOW = 'HPE_HEADER_OVERFLOW';

/**
 * Lends `socket` to Node's parser until the first request head is complete; then `report` is called once and nothing
 * of ours or of Node's is left on the socket, which goes on flowing. Destroying the reader lets go without a report.
 *
 * Node gets this Duplex and not the socket itself: it adds listeners, fields and its own `on` to what it is given, and
 * does not take all of them off again. It is a Duplex of node:stream because Node calls methods of that class on it.
 */
export class RequestReader extends Duplex {
  readonly #socket: Duplex;
  #report: ((reading: Reading) => void) | null;
  /** In bytes; what of it is not in our own buffer any more has been parsed, and was not the end of the head. */
  #received = 0;

  constructor(socket: Duplex, report: (reading: Reading) => void) {
    super();
    this.#socket = socket;
    this.#report = report;
    if (socket.destroyed || socket.readableEnded) process.nextTick(this.#onEnd);
    else this.#listen();
    PARSER.emit('connection', this);
  }

  /** Reports the first outcome and lets go; the next ones, of a pipelined request say, are ignored. */
  settle(reading: Reading): void {
    const report = this.#report;
    this.destroy();
    report?.(reading);
  }

  /** What Node had not looked at when it found the end of the head comes after `head`, what it had. */
  settleUpgrade(request: IncomingMessage, head: Buffer): void {
    const pieces = [head];
    // Up to Node 24 one read() takes all that is here, from Node 26 on one chunk of it.
    for (let piece: Buffer | null = this.read(); piece !== null; piece = this.read()) pieces.push(piece);
    const rest = pieces.length === 1 ? head : Buffer.concat(pieces);
    // Whoever asks the request where it came from must get the connection, and must not keep this reader alive.
    Object.assign(request, { socket: this.#socket, client: this.#socket });
    this.settle({ kind: 'upgrade', request, rest });
  }

  override _read(): void {
    this.#socket.resume();
  }

  /** Node's own answers go nowhere: the refusals are ours. */
  override _write(_chunk: Buffer, _encoding: BufferEncoding, done: () => void): void {
    done();
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.#report = null;
    this.#socket.off('data', this.#onData);
    this.#socket.off('end', this.#onEnd);
    this.#socket.off('close', this.#onEnd);
    this.#socket.off('error', this.#onError);
    done(error);
  }

  #listen(): void {
    this.#socket.on('data', this.#onData);
    this.#socket.on('end', this.#onEnd);
    this.#socket.on('close', this.#onEnd);
    this.#socket.on('error', this.#onError);
  }

  readonly #onData = (chunk: Buffer): void => {
    // Node counts names and values only: it would skip spaces and empty lines for ever.
    if (this.#received - this.readableLength > MAX_HEAD_BYTES) this.settle(malformed(OVERFLOW));
    this.#received += chunk.length;
    if (!this.destroyed && !this.push(chunk)) this.#socket.pause();
  };

  readonly #onEnd = (): void => this.settle({ kind: 'cut-off', cause: this.#socket.errored });

  readonly #onError = (cause: Error): void => this.settle({ kind: 'cut-off', cause });
}

/**
 * Node's HTTP server as a parser: it never listens, so it has no handle, no interval and no list of connections. One
 * for all: it keeps nothing between two events. Whatever is not an upgrade ends in `plain`. No field is dropped for
 * its number, and neither Host nor the size of the head is left to flags of the process.
 */
const PARSER = createServer({
  maxHeaderSize: MAX_HEAD_BYTES,
  insecureHTTPParser: false,
  requireHostHeader: false,
  keepAliveTimeout: 0,
});
PARSER.maxHeadersCount = 0;
PARSER.on('upgrade', (request, _socket, head) => {
  // Where the request has a body, Node 26 hands out a stream of its own in place of the socket.
  const reader: Duplex = request.socket;
  if (reader instanceof RequestReader) reader.settleUpgrade(request, head);
});
for (const event of ['request', 'connect', 'checkContinue', 'checkExpectation']) {
  PARSER.on(event, (request: IncomingMessage) => settlePlain(request));
}
PARSER.on('clientError', (error: NodeJS.ErrnoException, reader) => {
  if (reader instanceof RequestReader) reader.settle(malformed(error.code));
});

function settlePlain(request: IncomingMessage): void {
  const reader: Duplex = request.socket;
  if (reader instanceof RequestReader) reader.settle({ kind: 'plain', request });
}

function malformed(code: string | undefined): Reading {
  if (code !== OVERFLOW) return { kind: 'malformed', status: 400, why: 'The request is not HTTP/1.1.' };
  return { kind: 'malformed', status: 431, why: `The request head is larger than ${MAX_HEAD_BYTES} bytes.` };
}
