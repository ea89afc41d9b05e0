/**
 * An HTTP/2 head as the IncomingMessage that everything for Node's HTTP/1.1 knows how to read.
 *
 * Knows: which property of the message comes from where; that `socket` is this one stream, and only facts such as
 * `remoteAddress` come from the connection that all streams share.
 * Does not know: what the message asks for or grants.
 */

import { type IncomingHttpHeaders, IncomingMessage } from 'node:http';
import type { Http2Session } from 'node:http2';
import type { Socket } from 'node:net';
import type { RequestHead, ResponseHead } from '../head.js';
import { type AnyHttp2Stream, cancel } from './http2-transport.js';

/** The request of `stream`: without a body, without pseudo-header fields, Host in place of :authority. */
export function http2Request(stream: AnyHttp2Stream, head: RequestHead): IncomingMessage {
  const message = http2Message(stream, head.rawHeaders);
  message.method = head.method;
  message.url = head.target;
  message.complete = true;
  message.push(null);
  return message;
}

/** The response on `stream`: without a body, when the stream goes on to be something else. */
export function http2Response(stream: AnyHttp2Stream, head: ResponseHead): IncomingMessage {
  const message = http2Message(stream, head.rawHeaders);
  message.statusCode = head.status;
  message.complete = true;
  message.push(null);
  return message;
}

/** The response on `stream`. Its body is what the stream yields. */
export function http2Answer(stream: AnyHttp2Stream, head: ResponseHead): IncomingMessage {
  const message = http2Message(stream, head.rawHeaders);
  message.statusCode = head.status;
  stream.on('data', (chunk: Buffer) => {
    if (!message.push(chunk)) stream.pause();
  });
  stream.on('close', () => {
    message.complete = true;
    message.push(null);
  });
  return message;
}

function http2Message(stream: AnyHttp2Stream, rawHeaders: readonly string[]): IncomingMessage {
  const message = new IncomingMessage(socketOf(stream));
  const lists = distinct(rawHeaders);
  return Object.assign(message, {
    httpVersion: '2.0',
    httpVersionMajor: 2,
    httpVersionMinor: 0,
    rawHeaders: [...rawHeaders],
    headersDistinct: lists,
    headers: joined(lists),
  });
}

function distinct(rawHeaders: readonly string[]): NodeJS.Dict<string[]> {
  const lists: NodeJS.Dict<string[]> = Object.create(null);
  for (let at = 0; at + 1 < rawHeaders.length; at += 2) {
    const [name = '', value = ''] = rawHeaders.slice(at, at + 2);
    lists[name] = [...(lists[name] ?? []), value];
  }
  return lists;
}

/** As Node joins them, but for fields that may come only once: the judges have looked at those that matter. */
function joined(lists: NodeJS.Dict<string[]>): IncomingHttpHeaders {
  const headers: IncomingHttpHeaders = {};
  for (const [name, values = []] of Object.entries(lists)) {
    headers[name] = name === 'set-cookie' ? values : values.join(', ');
  }
  return headers;
}

/**
 * What a message has for its socket: the stream, whose `destroy` resets it and nothing else, and what only a socket has,
 * such as `remoteAddress`, `encrypted` or `getPeerCertificate`, from the connection; undefined once that is gone.
 */
function socketOf(stream: AnyHttp2Stream): Socket {
  const { session } = stream;
  const get = (_: object, name: string | symbol): unknown => {
    if (name === 'destroy') return () => cancel(stream);
    const owner = name in stream ? stream : liveSocket(session);
    if (owner === null) return undefined;
    const value: unknown = Reflect.get(owner, name);
    return typeof value === 'function' ? value.bind(owner) : value;
  };
  return new Proxy(stream, { get }) as unknown as Socket;
}

function liveSocket(session: Http2Session | undefined): object | null {
  return session === undefined || session.destroyed ? null : session.socket;
}
