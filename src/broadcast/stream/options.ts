/**
 * The options of a Broadcast, parsed once into a frozen value.
 *
 * Knows: names, defaults and what is legal.
 * Does not know: what the values do.
 */
import { encodeClose } from '../../codec/close-code.js';
import { byteLimit, oneOf, optionsOf } from '../../codec/limits.js';
import type { EncodableMessage } from '../../codec/stream/message-encoder.js';
import type { ReadAs } from '../../duplex/options.js';
import type { PreparedMessage } from '../../duplex/prepared-message.js';
import type { WebSocketDuplex } from '../../duplex/websocket-duplex.js';
import { UsageError } from '../../errors.js';
import type { SlowConsumerPolicy } from '../client-queue.js';

/** What can be written to a Broadcast: all that a WebSocket takes, except for a message that is still being produced. */
export type BroadcastMessage = EncodableMessage | PreparedMessage;

/** Options of a Broadcast. A bad value is a UsageError when it is made. */
export interface BroadcastOptions {
  /**
   * What becomes of messages for a client for which `maxBufferedBytes` wait already. `'close'`: it is closed with
   * `closeCode`. `'drop-oldest'`, `'drop-newest'`: it misses messages. `'latest'`: a message that waits is replaced by the
   * next one of the same `key`, and beyond the limit the oldest are dropped. `'wait'`: the source waits for the client,
   * and so does everybody else. Default `'close'`: no client misses a message without knowing.
   */
  readonly policy?: SlowConsumerPolicy | undefined;
  /** Bytes that may wait for one client, in its socket and in its queue together. Default 1 MiB. */
  readonly maxBufferedBytes?: number | undefined;
  /**
   * The key of a message, for `'latest'` and for filters. Default: none, so that all messages are of one kind. What it
   * throws destroys the Broadcast.
   */
  readonly key?: ((message: BroadcastMessage) => string | undefined) | undefined;
  /** The close code for clients that are too slow. Default 1013, try again later. */
  readonly closeCode?: number | undefined;
  /** The reason that goes with it, at most 123 bytes. Default 'Too slow'. */
  readonly closeReason?: string | undefined;
  /**
   * What becomes of the clients when the Broadcast ends. `'keep'`: they stay open and get what is queued for them.
   * `'close'`: they are closed, with 1000 after what is queued for them; with 1011 at once when it ends by an error.
   * Default `'keep'`.
   */
  readonly atEnd?: 'keep' | 'close' | undefined;
}

/** What `write` may be told about one message. */
export interface BroadcastMessageOptions {
  /** Its key, in place of what the option `key` says. */
  readonly key?: string | undefined;
  /** The one client that does not get it: its author, for instance. */
  readonly except?: WebSocketDuplex<ReadAs> | undefined;
  /** As for `prepare`. */
  readonly compress?: boolean | undefined;
}

/**
 * Which messages a client gets. Called once for each message and client, when the message goes out; bytes are shown as they
 * are by then, so they must not be changed. What it throws ends the Broadcast.
 */
export type BroadcastFilter = (message: BroadcastMessage, key: string | undefined) => boolean;

/** What `add` may be told about one client. */
export interface BroadcastClientOptions {
  /** Default: it gets all messages. */
  readonly filter?: BroadcastFilter | undefined;
}

/** BroadcastOptions with every default filled in, frozen. */
export interface BroadcastSettings {
  readonly policy: SlowConsumerPolicy;
  readonly maxBufferedBytes: number;
  readonly key: (message: BroadcastMessage) => string | undefined;
  readonly closeCode: number;
  readonly closeReason: string;
  readonly atEnd: 'keep' | 'close';
}

const POLICIES = ['wait', 'drop-oldest', 'drop-newest', 'latest', 'close'] as const;

/** @throws UsageError that names the option. */
export function broadcastSettings(given: BroadcastOptions): BroadcastSettings {
  const options = optionsOf('Broadcast', given);
  const { key = () => undefined, closeCode = 1013, closeReason = 'Too slow' } = options;
  if (typeof key !== 'function') throw new UsageError('key is a function from a message to a string.');
  encodeClose(closeCode, closeReason);
  return Object.freeze({
    policy: oneOf('policy', options.policy ?? 'close', POLICIES),
    maxBufferedBytes: byteLimit('maxBufferedBytes', options.maxBufferedBytes, 1024 * 1024),
    key,
    closeCode,
    closeReason,
    atEnd: oneOf('atEnd', options.atEnd ?? 'keep', ['keep', 'close']),
  });
}

/** The filter of a client, if it has one. @throws UsageError */
export function filterOf({ filter }: BroadcastClientOptions): BroadcastFilter | undefined {
  if (filter === undefined || typeof filter === 'function') return filter;
  throw new UsageError('filter is a function from a message to true or false.');
}
