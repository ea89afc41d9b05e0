/**
 * What all sockets with the same options share: a server makes it once, a socket that is made by hand has its own.
 *
 * Knows: that options are parsed once, and that zlib contexts and clocks are for all.
 * Does not know: sockets.
 */
import type { Duplex } from 'node:stream';
import { Compression } from '../deflate/stream/compression.js';
import { KeepAliveClock } from './keep-alive.js';
import { type ReadAs, type WebSocketOptions, type WebSocketSettings, webSocketSettings } from './options.js';

/** Parsed options, and what must not be made again for each socket. */
export class Shared {
  readonly settings: WebSocketSettings;
  readonly compression: Compression | null;
  /** Null when keepalive is off. */
  readonly clock: KeepAliveClock | null;
  /** Called when a socket is destroyed; its transport may still linger. */
  readonly onLeave: ((socket: unknown, transport: Duplex) => void) | null;

  /** `compression` may be shared even further. Throws a UsageError for a bad option. */
  constructor(
    options: WebSocketOptions<ReadAs>,
    compression: Compression | null = null,
    onLeave: ((socket: unknown, transport: Duplex) => void) | null = null,
  ) {
    this.onLeave = onLeave;
    this.settings = webSocketSettings(options);
    const { deflate, keepAlive } = this.settings;
    this.compression = compression ?? (deflate === null ? null : new Compression(deflate));
    this.clock = keepAlive === null ? null : new KeepAliveClock(keepAlive);
  }
}
