/**
 * A request that nobody has seen, folded up until somebody asks for it: most never do, and an IncomingMessage with its
 * strings takes as much memory as all else of an idle connection.
 *
 * Knows: what of an upgrade request cannot be made anew: method, target, fields.
 * Does not know: who might have seen it; one that somebody holds, or has written on, must be kept as it is (ADR 0008).
 */
import { IncomingMessage } from 'node:http';
import type { Extension } from '../handshake/extensions.js';
import type { Agreement } from './agreement.js';

const NO_EXTENSIONS: readonly Extension[] = Object.freeze([]);

/** What a handshake agreed on, with its request folded up. */
export class FoldedRequest implements Agreement {
  readonly subprotocol: string | null;
  readonly extensions: readonly Extension[];
  readonly #socket: IncomingMessage['socket'];
  /** One to a line; no HTTP parser lets a line feed through. */
  readonly #head: string;
  #request: IncomingMessage | null = null;

  /** `request` is one of HTTP/1.1 without a body, as Node's parser made it. It is not kept. */
  constructor({ subprotocol = null, extensions = NO_EXTENSIONS }: Agreement, request: IncomingMessage) {
    this.subprotocol = subprotocol;
    this.extensions = extensions.length === 0 ? NO_EXTENSIONS : extensions;
    this.#socket = request.socket;
    this.#head = [request.method, request.url, ...request.rawHeaders].join('\n');
  }

  /** Made at the first call, equal to the one that was folded; the same from then on. */
  get request(): IncomingMessage {
    this.#request ??= unfolded(this.#socket, this.#head);
    return this.#request;
  }
}

/** How Node's parser hands fields over: `headers` and `headersDistinct` are made of them at the first look. */
type Fillable = IncomingMessage & { _addHeaderLines(rawHeaders: readonly string[], count: number): void };

function unfolded(socket: IncomingMessage['socket'], head: string): IncomingMessage {
  const [method, url, ...rawHeaders] = head.split('\n');
  const request = new IncomingMessage(socket) as Fillable;
  request._addHeaderLines(rawHeaders, rawHeaders.length);
  const version = { httpVersion: '1.1', httpVersionMajor: 1, httpVersionMinor: 1 };
  Object.assign(request, { ...version, method, url, upgrade: true, complete: true });
  request.push(null);
  return request;
}
