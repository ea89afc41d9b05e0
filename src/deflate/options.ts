/**
 * What a user says about compression, parsed once into a frozen value.
 *
 * Knows: ranges and defaults, and the figures behind them.
 * Does not know: what a peer agrees to (negotiate.ts).
 */
import { byteLimit, count, milliseconds } from '../codec/limits.js';
import { UsageError } from '../errors.js';
import { MAX_WINDOW_BITS, MIN_WINDOW_BITS } from './params.js';

/** Options of `deflate`: docs/compression.md says when to turn which. A value out of range is a UsageError at once. */
export interface DeflateOptions {
  /** True: the server forgets its window after each message, so connections share compressors. Default false. */
  readonly serverNoContextTakeover?: boolean | undefined;
  /** True: the client forgets its window after each message, so that a server keeps nothing between them. Default false. */
  readonly clientNoContextTakeover?: boolean | undefined;
  /**
   * The server's LZ77 window, 8 to 15 as a power of two of bytes. A server compresses with it; a client demands it.
   * Default: 13 (8 KiB) as a server, no demand as a client.
   */
  readonly serverMaxWindowBits?: number | undefined;
  /** The client's window. A client compresses with it; a server asks for it where the client can. Default 13. */
  readonly clientMaxWindowBits?: number | undefined;
  /** Effort, 0 to 9. Default 6. */
  readonly level?: number | undefined;
  /** Memory for the compressor, 1 to 9: 2^(9 + memLevel) bytes besides window and hash tables. Default 6 (32 KiB). */
  readonly memLevel?: number | undefined;
  /**
   * Smaller messages are sent uncompressed, in bytes. Default: 64 with context takeover, where small messages shrink
   * best, and 512 without, where they hardly do.
   */
  readonly threshold?: number | undefined;
  /**
   * A context that was not used for this many milliseconds is released, twice as many at most; `Infinity`: never.
   * A decompressor keeps its window (at most 32 KiB), a compressor begins anew, which costs ratio once. Default 10,000.
   */
  readonly idleReleaseMs?: number | undefined;
  /**
   * Contexts of each direction that are kept between messages, over all connections that share these settings. One more,
   * and the longest unused is released as by `idleReleaseMs`. Default 128; `Infinity` allowed.
   */
  readonly maxContexts?: number | undefined;
}

/** `DeflateOptions` with every value there. Null: left open by the user, decided by role or agreement. */
export interface DeflateSettings {
  /** Whether the server forgets its window after each message (RFC 7692 §7.1.1.1). */
  readonly serverNoContextTakeover: boolean;
  /** Whether the client does (§7.1.1.2). */
  readonly clientNoContextTakeover: boolean;
  /** The server's window, as a power of two of bytes (§7.1.2.1). */
  readonly serverMaxWindowBits: number | null;
  /** The client's window (§7.1.2.2). */
  readonly clientMaxWindowBits: number | null;
  /** zlib's effort, 0 to 9. */
  readonly level: number;
  /** zlib's memory level, 1 to 9. */
  readonly memLevel: number;
  /** Bytes under which a message is sent as it is. */
  readonly threshold: number | null;
  /** Milliseconds after which an unused context is released. */
  readonly idleReleaseMs: number;
  /** Contexts of each direction that are kept between messages. */
  readonly maxContexts: number;
}

/** Within 5 % of the ratio of 15 bits on JSON, with half the CPU time on large messages (docs/adr/0005). */
export const DEFAULT_WINDOW_BITS = 13;
const DEFAULT_LEVEL = 6;
const DEFAULT_MEM_LEVEL = 6;
const DEFAULT_IDLE_RELEASE_MS = 10_000;
const DEFAULT_MAX_CONTEXTS = 128;

/** The settings, or null for `false` and for nothing. @throws UsageError that names the option. */
export function deflateSettings(options: true | DeflateOptions): DeflateSettings;
export function deflateSettings(options: boolean | DeflateOptions | undefined): DeflateSettings | null;
export function deflateSettings(options: boolean | DeflateOptions | undefined): DeflateSettings | null {
  if (options === undefined || options === false) return null;
  if (options !== true && (typeof options !== 'object' || options === null)) {
    throw new UsageError('deflate is true, false or an object of options.');
  }
  const given: DeflateOptions = options === true ? {} : options;
  return Object.freeze({
    serverNoContextTakeover: flag('serverNoContextTakeover', given.serverNoContextTakeover),
    clientNoContextTakeover: flag('clientNoContextTakeover', given.clientNoContextTakeover),
    serverMaxWindowBits: windowBits('serverMaxWindowBits', given.serverMaxWindowBits),
    clientMaxWindowBits: windowBits('clientMaxWindowBits', given.clientMaxWindowBits),
    level: integer('level', given.level ?? DEFAULT_LEVEL, 0, 9),
    memLevel: integer('memLevel', given.memLevel ?? DEFAULT_MEM_LEVEL, 1, 9),
    threshold: given.threshold === undefined ? null : byteLimit('deflate.threshold', given.threshold, 0),
    idleReleaseMs: milliseconds('deflate.idleReleaseMs', given.idleReleaseMs, DEFAULT_IDLE_RELEASE_MS),
    maxContexts: count('deflate.maxContexts', given.maxContexts, DEFAULT_MAX_CONTEXTS),
  });
}

function flag(name: string, value: boolean | undefined): boolean {
  if (value === undefined || typeof value === 'boolean') return value ?? false;
  throw new UsageError(`deflate.${name} is true or false.`);
}

function windowBits(name: string, value: number | undefined): number | null {
  return value === undefined ? null : integer(name, value, MIN_WINDOW_BITS, MAX_WINDOW_BITS);
}

function integer(name: string, value: number, least: number, most: number): number {
  if (Number.isInteger(value) && value >= least && value <= most) return value;
  throw new UsageError(`deflate.${name} is a whole number from ${least} to ${most}.`);
}
