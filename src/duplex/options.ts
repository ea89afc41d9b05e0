/**
 * The options that every WebSocket has, parsed once into a frozen value.
 *
 * Knows: names, defaults and what is legal.
 * Does not know: what the values do, or options of servers and handshakes.
 */
import type { Duplex } from 'node:stream';
import type { Role } from '../codec/frame.js';
import { byteLimit, milliseconds, oneOf } from '../codec/limits.js';
import { DEFAULT_MAX_MESSAGE_BYTES } from '../codec/message-assembler.js';
import { type DeflateOptions, type DeflateSettings, deflateSettings } from '../deflate/options.js';
import type { Compression } from '../deflate/stream/compression.js';
import { UsageError } from '../errors.js';
import type { Agreement } from './agreement.js';
import type { MessageStream } from './message-stream.js';
import type { Shared } from './shared.js';

/** How messages are read. */
export type ReadAs = keyof ItemsRead;

/** What reading yields, by `readAs`. */
export interface ItemsRead {
  /** Text as a string, binary as a Buffer that the reader owns. */
  readonly message: string | Buffer;
  /** A message whose end need not be here yet. */
  readonly stream: MessageStream;
  /** Payload, of any message. */
  readonly bytes: Buffer;
}

/** What happens to the rest of a message whose MessageStream was destroyed before its end. */
export type AbandonPolicy = 'drain' | 'fail';

/** When a silent peer is asked for a sign of life, and when it is given up (`ERR_WS_KEEPALIVE_TIMEOUT`, 1006). */
export interface KeepAliveOptions {
  /**
   * After this many milliseconds without a byte from the peer, and at the latest after half as many again, a ping is
   * sent. Proxies cut connections that are idle: stay below two thirds of their time-out. Default 30,000.
   */
  readonly intervalMs?: number | undefined;
  /** After the ping, the peer has this many milliseconds to send anything. Default 10,000. */
  readonly timeoutMs?: number | undefined;
}

/** Options of every WebSocket, of either role. A bad value is a UsageError at once; `Infinity` is no limit. */
export interface WebSocketOptions<How extends ReadAs = 'message'> {
  /**
   * `'message'`: a string or a Buffer for each message. `'stream'`: a MessageStream for each message, before its last
   * byte is here. `'bytes'`: the payloads of all messages as one run of bytes. Default `'message'`.
   */
  readonly readAs?: How | undefined;
  /** The largest message, all its fragments, in bytes; over it the connection fails with 1009. Default 16 MiB. */
  readonly maxMessageBytes?: number | undefined;
  /** The largest frame, in bytes; over it the header fails with 1009. Default `maxMessageBytes`. */
  readonly maxFrameBytes?: number | undefined;
  /** Bytes held for sending before `write` returns false. Default 1 MiB above `maxMessageBytes`. */
  readonly maxBufferedBytes?: number | undefined;
  /** Milliseconds for the closing handshake; then the connection is cut off. Default 5,000. */
  readonly closeTimeoutMs?: number | undefined;
  /** Pings for a peer that went silent, or false. Default 30,000 and 10,000 milliseconds. */
  readonly keepAlive?: KeepAliveOptions | false | undefined;
  /**
   * permessage-deflate (RFC 7692): true for good defaults, or its options. A compressed message may hold a secret next to
   * what an attacker chose: write such a one with `{ compress: false }`. Default false.
   */
  readonly deflate?: boolean | DeflateOptions | undefined;
  /** What the rest of a destroyed MessageStream does: `'drain'` skips it, `'fail'` closes with 1011. Default `'drain'`. */
  readonly abandoned?: AbandonPolicy | undefined;
}

/** Options of a WebSocketDuplex that is made by hand, over any Duplex of bytes. */
export interface WebSocketDuplexOptions<How extends ReadAs = 'message'> extends WebSocketOptions<How> {
  /** Our role. */
  readonly role: Role;
  /** The transport of bytes, its opening handshake done. Without one, the socket waits for `open`. */
  readonly transport?: Duplex | undefined;
  /** Bytes that came behind the handshake, if any. */
  readonly head?: Buffer | undefined;
  /** What the handshake has agreed on. Default: nothing, so no subprotocol and no extension. */
  readonly agreement?: Agreement | undefined;
  /** zlib contexts that are shared with other sockets of the same `deflate` settings. Default: our own. */
  readonly compression?: Compression | undefined;
  /**
   * What a server has made of the other options already, for all its sockets. Default: made of them.
   * @internal
   */
  readonly shared?: Shared | undefined;
}

/** WebSocketOptions with every default filled in, frozen. `keepAlive` is null when it is off. */
export interface WebSocketSettings {
  readonly readAs: ReadAs;
  readonly maxMessageBytes: number;
  readonly maxFrameBytes: number;
  readonly maxBufferedBytes: number;
  readonly closeTimeoutMs: number;
  readonly keepAlive: { readonly intervalMs: number; readonly timeoutMs: number } | null;
  readonly abandoned: AbandonPolicy;
  readonly deflate: DeflateSettings | null;
}

const MEBIBYTE = 1024 * 1024;

/** @throws UsageError that names the option. */
export function webSocketSettings(options: WebSocketOptions<ReadAs>): WebSocketSettings {
  const maxMessageBytes = byteLimit('maxMessageBytes', options.maxMessageBytes, DEFAULT_MAX_MESSAGE_BYTES);
  return Object.freeze({
    readAs: oneOf('readAs', options.readAs ?? 'message', ['message', 'stream', 'bytes']),
    maxMessageBytes,
    maxFrameBytes: byteLimit('maxFrameBytes', options.maxFrameBytes, maxMessageBytes),
    maxBufferedBytes: byteLimit('maxBufferedBytes', options.maxBufferedBytes, maxMessageBytes + MEBIBYTE),
    closeTimeoutMs: milliseconds('closeTimeoutMs', options.closeTimeoutMs, 5_000),
    keepAlive: keepAliveSettings(options.keepAlive),
    abandoned: oneOf('abandoned', options.abandoned ?? 'drain', ['drain', 'fail']),
    deflate: deflateSettings(options.deflate),
  });
}

function keepAliveSettings(options: KeepAliveOptions | false | undefined = {}): WebSocketSettings['keepAlive'] {
  if (options === false) return null;
  if (typeof options !== 'object' || options === null) throw new UsageError('keepAlive is an object or false.');
  return Object.freeze({
    intervalMs: milliseconds('keepAlive.intervalMs', options.intervalMs, 30_000),
    timeoutMs: milliseconds('keepAlive.timeoutMs', options.timeoutMs, 10_000),
  });
}
