/** Engines that say no, and clients that give up: what a topic makes of both. */
import { once } from 'node:events';
import { createClient } from 'redis';
import { type BackplaneError, redisTopic, type Topic } from '../../src/backplane/index.js';
import { freePort } from '../support/free-port.js';
import { EngineProcess } from './support/engines.js';
import { ROOMS, type Room } from './support/rooms.js';

const failureOf = async (topic: Topic) => ((await once(topic, 'error')) as [BackplaneError])[0].code;

describe('redis', () => {
  let engine: EngineProcess;
  const clients: ReturnType<typeof createClient>[] = [];

  const clientAs = async (user: string, reconnectStrategy: false | number = 50) => {
    const client = createClient({
      url: `redis://${user}:any@127.0.0.1:${engine.port}`,
      socket: { reconnectStrategy },
    });
    client.on('error', () => {});
    await client.connect();
    clients.push(client as ReturnType<typeof createClient>);
    return client;
  };

  beforeEach(async () => {
    engine = await new EngineProcess('redis', await freePort()).start();
  });
  afterEach(async () => {
    for (const client of clients.splice(0)) client.destroy();
    await engine?.end();
  });

  test.each([
    ['without replay', undefined],
    ['with replay', true],
  ])('a user without rights, %s: REFUSED, to write and to read', async (_, replay) => {
    const owner = await clientAs('default');
    const poor = '+@all -publish -subscribe -xadd -xrange -xrevrange'.split(' ');
    await owner.sendCommand(['ACL', 'SETUSER', 'poor', 'on', 'nopass', '~*', '&*', ...poor]);
    const client = await clientAs('poor');
    const [writer, reader] = [redisTopic(client, 'room', { replay }), redisTopic(client, 'room', { replay })];
    writer.write('a');
    expect(await failureOf(writer)).toBe('ERR_BACKPLANE_REFUSED');
    reader.resume();
    expect(await failureOf(reader)).toBe('ERR_BACKPLANE_REFUSED');
  });

  test('a key of another type: REFUSED, to write and to read', async () => {
    const client = await clientAs('default');
    await client.set('room', 'no stream');
    const [writer, reader] = [
      redisTopic(client, 'room', { replay: true }),
      redisTopic(client, 'room', { replay: true }),
    ];
    writer.write('a');
    expect(await failureOf(writer)).toBe('ERR_BACKPLANE_REFUSED');
    reader.resume();
    expect(await failureOf(reader)).toBe('ERR_BACKPLANE_REFUSED');
  });

  test.each([
    ['without replay', undefined],
    ['with replay', true],
  ])('a client that does not try again, %s: readers fail with CLOSED', async (_, replay) => {
    const topic = redisTopic(await clientAs('default', false), 'room', { replay });
    await topic.subscribed();
    const failure = failureOf(topic);
    topic.resume();
    await engine.kill();
    expect(await failure).toBe('ERR_BACKPLANE_CLOSED');
  });

  test('entries of other programs are passed over; what is trimmed while a reader has stopped is told', async () => {
    const client = await clientAs('default');
    const foreign = client.multi();
    for (let at = 0; at < 200; at++) foreign.xAdd('room', '*', { else: 'x' });
    foreign.xAdd('room', '*', { m: 'odd', w: 'writer00', n: '-1' });
    await foreign.exec();
    const topic = redisTopic(client, 'room', { replay: { from: 'start' } });
    expect(await once(topic, 'data')).toEqual(['odd']);
    topic.pause();
    const ours = client.multi();
    for (let at = 0; at < 500; at++) ours.xAdd('room', '*', { m: `${at}` });
    await ours.exec();
    while (topic.readableLength < 64) await new Promise((resolve) => setTimeout(resolve, 5));
    await client.xTrim('room', 'MAXLEN', 10);
    const gaps: unknown[] = [];
    topic.on('gap', (gap) => gaps.push(gap));
    const heard: unknown[] = [];
    topic.on('data', (message) => heard.push(message));
    topic.resume();
    while (heard.at(-1) !== '499') await once(topic, 'data');
    expect(gaps).toEqual([{ reason: 'trimmed', missed: null }]);
    expect(heard.slice(-10)).toEqual(Array.from({ length: 10 }, (_, at) => `${490 + at}`));
    topic.destroy();
  });
});

describe('nats', () => {
  let engine: EngineProcess;
  let room: Room;
  beforeAll(async () => {
    engine = await new EngineProcess('nats', await freePort()).start();
    room = await ROOMS.nats(engine);
  });
  afterAll(async () => {
    await room?.close();
    await engine?.end();
  });

  test.each([
    ['without replay', undefined],
    ['with replay', 'new'],
  ] as const)('a message longer than the server takes, %s: REFUSED', async (_, from) => {
    const topic = room.topic('room', { from });
    topic.write('x'.repeat(1024 * 1024 + 1));
    expect(await failureOf(topic)).toBe('ERR_BACKPLANE_REFUSED');
  });
});
