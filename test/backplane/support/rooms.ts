/**
 * Topics of both engines under one face: the official clients, with what a test needs of them.
 *
 * Knows: how clients are made, and that a JetStream stream has to exist.
 * Does not know: what is tested.
 */
import { jetstreamManager } from '@nats-io/jetstream';
import { connect as connectNats } from '@nats-io/transport-node';
import { createClient } from 'redis';
import { natsTopic, type ReplayFrom, redisTopic, type Topic, type TopicOptions } from '../../../src/backplane/index.js';
import type { EngineName, EngineProcess } from './engines.js';

export interface RoomOptions extends TopicOptions {
  /** Where to begin; undefined: without replay. */
  readonly from?: ReplayFrom | undefined;
}

/** A client of one engine. */
export interface Room {
  topic(name: string, options?: RoomOptions): Topic;
  /** Publishes bytes as they are, without us. */
  publish(name: string, bytes: string): Promise<void>;
  close(): Promise<void>;
}

const STREAM = 'ROOMS';

async function nats({ port }: EngineProcess): Promise<Room> {
  const connection = await connectNats({
    servers: `127.0.0.1:${port}`,
    maxReconnectAttempts: -1,
    reconnectTimeWait: 50,
  });
  const manager = await jetstreamManager(connection);
  await manager.streams.add({ name: STREAM, subjects: ['kept.>'] });
  return {
    topic: (name, { from, ...options } = {}) =>
      from === undefined
        ? natsTopic(connection, name, options)
        : natsTopic(connection, `kept.${name}`, { ...options, replay: { stream: STREAM, from } }),
    publish: async (name, bytes) => {
      connection.publish(name, bytes);
      await connection.flush();
    },
    close: () => connection.close(),
  };
}

async function redis({ port }: EngineProcess): Promise<Room> {
  const client = createClient({ url: `redis://127.0.0.1:${port}`, socket: { reconnectStrategy: 50 } });
  client.on('error', () => {});
  await client.connect();
  return {
    topic: (name, { from, ...options } = {}) =>
      from === undefined
        ? redisTopic(client, name, options)
        : redisTopic(client, `kept:${name}`, { ...options, replay: { from } }),
    publish: async (name, bytes) => {
      await client.publish(name, bytes);
    },
    close: async () => client.destroy(),
  };
}

/** Connects to a running engine. */
export const ROOMS: Readonly<Record<EngineName, (engine: EngineProcess) => Promise<Room>>> = { nats, redis };
