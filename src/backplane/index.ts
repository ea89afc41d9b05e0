/**
 * What `import … from 'framepipe/backplane'` gives: topics of NATS and Redis as streams.
 *
 * Does not load a client: they are made by their users and passed in.
 */
export { BackplaneError, type BackplaneFault } from './backplane-error.js';
export type { NatsClient, NatsMessage, NatsSubscription, RedisClient, RedisTransaction } from './stream/clients.js';
export type { Gap } from './stream/engine.js';
export { natsTopic } from './stream/nats.js';
export type {
  NatsReplayOptions,
  NatsTopicOptions,
  RedisReplayOptions,
  RedisTopicOptions,
  ReplayFrom,
  TopicOptions,
} from './stream/options.js';
export { redisTopic } from './stream/redis.js';
export { Topic } from './stream/topic.js';
