/**
 * `redisTopic`: a channel of Redis as a stream.
 *
 * Knows: publish and subscribe, at most once: what is published while a reader is disconnected is lost to it.
 * Does not know: Redis Streams (redis-replay.ts).
 */
import type { Message } from '../../codec/message-assembler.js';
import { BackplaneError } from '../backplane-error.js';
import { seal } from '../envelope.js';
import { refusalIn } from '../redis-refusal.js';
import type { RedisClient } from './clients.js';
import type { Engine, Sink } from './engine.js';
import { follow } from './follow.js';
import { type RedisTopicOptions, redisReplay, topicName, topicSettings } from './options.js';
import { RedisReplay } from './redis-replay.js';
import { Topic } from './topic.js';

/**
 * A stream of the messages on `channel`: writing publishes, reading subscribes. `client` is yours, connected, and may
 * carry any number of topics; a topic that is read opens a connection of its own (`client.duplicate()`), which it closes.
 * @throws UsageError for a bad option.
 */
export function redisTopic(client: RedisClient, channel: string, options: RedisTopicOptions = {}): Topic {
  const settings = topicSettings(options);
  const name = topicName(channel);
  const replay = redisReplay(options.replay);
  if (replay === null) return new Topic((sink) => new RedisChannel(client, name, sink), settings, null);
  const position = typeof replay.from === 'object' ? replay.from.after : null;
  return new Topic((sink) => new RedisReplay(client, name, replay, sink), settings, position);
}

class RedisChannel implements Engine {
  readonly #client: RedisClient;
  readonly #channel: string;
  readonly #sink: Sink;
  #subscriber: RedisClient | null = null;
  #isClosed = false;

  constructor(client: RedisClient, channel: string, sink: Sink) {
    this.#client = client;
    this.#channel = channel;
    this.#sink = sink;
  }

  /** The client sends them in order, and again when it knows that they were not sent. */
  async publish(messages: readonly Message[]): Promise<void> {
    if (!this.#client.isOpen) throw new BackplaneError('CLOSED', 'The client of Redis is closed.');
    const published = messages.map((message) => this.#client.publish(this.#channel, seal(message)));
    const results = await Promise.allSettled(published);
    const failed = results.filter((result) => result.status === 'rejected');
    if (failed.length === 0) return;
    if (!this.#client.isOpen) throw new BackplaneError('CLOSED', 'The client of Redis was closed.');
    for (const { reason } of failed) {
      const refusal = refusalIn(reason);
      if (refusal !== null) throw refusal;
    }
    this.#sink.gap({ reason: 'write', missed: failed.length });
  }

  async subscribe(): Promise<void> {
    const subscriber = this.#client.duplicate();
    this.#subscriber = subscriber;
    await follow(subscriber, this.#sink, () => this.#sink.gap({ reason: 'reconnect', missed: null }));
    const listener = (bytes: Buffer) => this.#sink.message(bytes, null);
    if (!this.#isClosed) await subscriber.subscribe(this.#channel, listener, true).catch(refuse);
    if (this.#isClosed) this.close();
  }

  close(): void {
    this.#isClosed = true;
    if (this.#subscriber?.isOpen) this.#subscriber.destroy();
  }
}

function refuse(cause: unknown): never {
  throw refusalIn(cause) ?? cause;
}
