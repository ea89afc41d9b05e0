/**
 * The options of topics, parsed once into a frozen value.
 *
 * Knows: names, defaults and what is legal.
 * Does not know: what the values do.
 */
import { byteLimit, count, milliseconds, optionsOf } from '../../codec/limits.js';
import { UsageError } from '../../errors.js';

/** Options of every topic. A bad value is a UsageError when it is made. */
export interface TopicOptions {
  /**
   * Bytes that may wait for a reader that has stopped. Beyond it, messages are dropped and a 'gap' tells how many; with
   * replay the engine keeps them instead. Default 1 MiB.
   */
  readonly maxBufferedBytes?: number | undefined;
  /** Milliseconds that the engine has to take what is written; then the topic fails. Default 30,000. */
  readonly writeTimeoutMs?: number | undefined;
}

/** Where reading begins: with what is published from now on, with all that the engine has, or after a position. */
export type ReplayFrom =
  | 'new'
  | 'start'
  | {
      /** A position that the topic has told: a sequence number of JetStream, an entry's id in Redis. */
      readonly after: string;
    };

/** Where a topic reads from in JetStream. */
export interface NatsReplayOptions {
  /** The JetStream stream that keeps the subject. It must exist. */
  readonly stream: string;
  /** Default 'new'. */
  readonly from?: ReplayFrom | undefined;
}

/** Options of `natsTopic`. */
export interface NatsTopicOptions extends TopicOptions {
  /** Reads from JetStream and remembers the position, so that nothing is lost while the engine is away. Default: no. */
  readonly replay?: NatsReplayOptions | undefined;
}

/** Where a topic reads from in a Redis Stream, and how much it keeps. */
export interface RedisReplayOptions {
  /** Default 'new'. */
  readonly from?: ReplayFrom | undefined;
  /** Messages that the stream keeps, about; the oldest are trimmed by who writes. Default 10,000. */
  readonly keep?: number | undefined;
}

/** Options of `redisTopic`. */
export interface RedisTopicOptions extends TopicOptions {
  /** Makes the channel a Redis Stream of that name, and remembers the position. `true` for the defaults. Default: no. */
  readonly replay?: boolean | RedisReplayOptions | undefined;
}

/** NatsReplayOptions with every default filled in. */
export interface NatsReplaySettings {
  readonly stream: string;
  readonly from: ReplayFrom;
}

/** RedisReplayOptions with every default filled in. */
export interface RedisReplaySettings {
  readonly from: ReplayFrom;
  readonly keep: number;
}

/** TopicOptions with every default filled in, frozen. */
export interface TopicSettings {
  readonly maxBufferedBytes: number;
  readonly writeTimeoutMs: number;
}

/** @throws UsageError that names the option. */
export function topicSettings(given: TopicOptions): TopicSettings {
  const options = optionsOf('A topic', given);
  return Object.freeze({
    maxBufferedBytes: byteLimit('maxBufferedBytes', options.maxBufferedBytes, 1024 * 1024),
    writeTimeoutMs: milliseconds('writeTimeoutMs', options.writeTimeoutMs, 30_000),
  });
}

/** The name of a subject or a channel. @throws UsageError */
export function topicName(name: string): string {
  if (typeof name === 'string' && /^[^\s\0]+$/.test(name)) return name;
  throw new UsageError('The name of a topic is a string without spaces.');
}

/** Where to begin, checked by the engine's own form of a position. @throws UsageError */
export function replayFrom(from: ReplayFrom = 'new', form: RegExp): ReplayFrom {
  if (from === 'new' || from === 'start') return from;
  if (typeof from === 'object' && from !== null && form.test(String(from.after))) return from;
  throw new UsageError("replay.from is 'new', 'start' or { after: position }.");
}

/** @throws UsageError */
export function redisReplay(replay: RedisTopicOptions['replay']): RedisReplaySettings | null {
  if (replay === undefined || replay === false) return null;
  const { from, keep } = replay === true ? {} : optionsOf('replay', replay);
  return { from: replayFrom(from, /^\d+-\d+$/), keep: count('replay.keep', keep, 10_000) };
}

/** @throws UsageError */
export function natsReplay(replay: NatsTopicOptions['replay']): NatsReplaySettings | null {
  if (replay === undefined) return null;
  const { stream, from } = optionsOf('replay', replay);
  if (typeof stream !== 'string' || !/^[^\s.*>]+$/.test(stream)) {
    throw new UsageError('replay.stream is the name of a JetStream stream.');
  }
  return { stream, from: replayFrom(from, /^\d+$/) };
}
