/**
 * The WebSocket in a TCP connection: where the handshake ends in both directions (RFC 6455 §4).
 *
 * Knows: that other requests may come before it on the same connection, such as CONNECT to a proxy or one that got a 401.
 * Does not know: frames.
 */
import { Buffer } from 'node:buffer';
import type { Piece } from './finding.js';
import { extensionsOf, firstLine, isUpgrade } from './http-head.js';
import type { ByteStream, Conversation } from './tcp.js';

/** A connection from its first frame on. */
export interface CapturedWebSocket {
  readonly client: ByteStream;
  readonly server: ByteStream;
  /** The first line of the request. */
  readonly request: string;
  /** What the 101 agreed on, as it stands in its head; null for nothing. */
  readonly extensions: string | null;
}

/** The handshake is looked for in so many bytes of each direction. */
const SEARCHED_BYTES = 256 * 1024;
const REQUEST_LINE = /[A-Z]{3,12} [^\s]+ HTTP\/1\.\d\r\n/g;
const STATUS_LINE = /HTTP\/1\.\d \d{3}[^\r\n]*\r\n/g;

/** The WebSocket, or null when there is no upgrade: another protocol, TLS, or a capture that began too late. */
export function webSocketOf([first, second]: Conversation): CapturedWebSocket | null {
  return between(first, second) ?? between(second, first);
}

function between(client: ByteStream, server: ByteStream): CapturedWebSocket | null {
  const response = findHead(server, STATUS_LINE, (head) => isUpgrade(head) && / 101(?: |$)/.test(firstLine(head)));
  const request = response === null ? null : findHead(client, REQUEST_LINE, isUpgrade);
  if (response === null || request === null) return null;
  return {
    client: { ...client, pieces: without(client.pieces, request.end) },
    server: { ...server, pieces: without(server.pieces, response.end) },
    request: firstLine(request.head),
    extensions: extensionsOf(response.head),
  };
}

/** The first head that `isWanted`, and the index after it. What stands before its first line is the body of another. */
function findHead(
  stream: ByteStream,
  line: RegExp,
  isWanted: (head: Buffer) => boolean,
): { head: Buffer; end: number } | null {
  const bytes = beginning(stream.pieces);
  for (let at = 0; ; ) {
    const blank = bytes.indexOf('\r\n\r\n', at);
    if (blank < 0) return null;
    const end = blank + 4;
    const start = [...bytes.toString('latin1', at, end).matchAll(line)].at(-1)?.index;
    const head = start === undefined ? null : bytes.subarray(at + start, end);
    if (head !== null && isWanted(head)) return { head, end };
    at = end;
  }
}

function beginning(pieces: readonly Piece[]): Buffer {
  const taken: Buffer[] = [];
  let size = 0;
  for (const { bytes } of pieces) {
    if (size >= SEARCHED_BYTES) break;
    taken.push(bytes);
    size += bytes.length;
  }
  return Buffer.concat(taken).subarray(0, SEARCHED_BYTES);
}

function without(pieces: readonly Piece[], size: number): Piece[] {
  let left = size;
  return pieces.flatMap(({ bytes, ms }) => {
    const cut = Math.min(left, bytes.length);
    left -= cut;
    return cut === bytes.length ? [] : [{ bytes: bytes.subarray(cut), ms }];
  });
}
