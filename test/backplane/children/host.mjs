/**
 * One server process of a chat: clients by WebSocket, everybody else by an engine.
 *
 *     node host.mjs nats|redis <host:port> <host to listen on> plain|replay
 *
 * Knows: what the page docs/backplane.md says.
 * Does not know: the other processes. It reports its port, and each gap.
 */
import { pipeline } from 'node:stream/promises';
import { jetstreamManager } from '@nats-io/jetstream';
import { connect } from '@nats-io/transport-node';
import { Broadcast, createServer } from 'framepipe';
import { natsTopic, redisTopic } from 'framepipe/backplane';
import { createClient } from 'redis';
import { report } from './parent.mjs';

const [engine, address, host, mode] = process.argv.slice(2);

async function topics() {
  if (engine === 'nats') {
    const connection = await connect({ servers: address, maxReconnectAttempts: -1, reconnectTimeWait: 100 });
    // Twice is once: each process asks for the same.
    if (mode === 'replay')
      await (await jetstreamManager(connection)).streams.add({ name: 'ROOMS', subjects: ['kept.>'] });
    const replay = mode === 'replay' ? { replay: { stream: 'ROOMS' } } : {};
    return () => natsTopic(connection, 'kept.room', replay);
  }
  const client = createClient({ url: `redis://${address}`, socket: { reconnectStrategy: 100 } });
  client.on('error', () => {});
  await client.connect();
  return () => redisTopic(client, 'kept:room', { replay: mode === 'replay' });
}

const topicOf = await topics();
const broadcast = new Broadcast();
const room = topicOf();
room.on('gap', (gap) => report('gap', gap));
pipeline(room, broadcast).catch((error) => report('failed', error.message));
await room.subscribed();

const server = createServer({ keepAlive: { intervalMs: 5_000, timeoutMs: 60_000 } }, (ws) => {
  broadcast.add(ws);
  pipeline(ws, topicOf()).catch(() => {});
});
server.listen(0, host, () => report('port', server.address().port));
