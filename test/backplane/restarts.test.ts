/** An engine that is killed, and sometimes comes back. */
import { once } from 'node:events';
import { BackplaneError, type Gap, type Topic } from '../../src/backplane/index.js';
import { freePort } from '../support/free-port.js';
import { type EngineName, EngineProcess } from './support/engines.js';
import { ROOMS, type Room, type RoomOptions } from './support/rooms.js';

const open: Topic[] = [];

function destroyAll(): void {
  for (const topic of open.splice(0)) topic.destroy();
}

describe.each<EngineName>(['nats', 'redis'])('%s is killed', (name) => {
  let engine: EngineProcess;
  let room: Room;
  const topicOf = (options: RoomOptions = {}): Topic => {
    const topic = room.topic('room', options);
    open.push(topic);
    return topic;
  };

  beforeEach(async () => {
    engine = await new EngineProcess(name, await freePort()).start();
    room = await ROOMS[name](engine);
  });
  afterEach(async () => {
    destroyAll();
    await room?.close();
    await engine?.end();
  });

  test('and restarted, without replay: the gap is an event, and messages come again', async () => {
    const topic = topicOf();
    topic.resume();
    await topic.subscribed();
    const gap = once(topic, 'gap');
    await engine.kill();
    await engine.start();
    expect(await gap).toEqual([{ reason: 'reconnect', missed: null }]);
    const writer = topicOf();
    const say = setInterval(() => writer.write('again'), 20);
    const [heard] = await once(topic, 'data');
    clearInterval(say);
    expect(heard).toBe('again');
  });

  test('and restarted, with replay: nothing is lost, nothing comes twice', async () => {
    const reader = topicOf({ from: 'new' });
    const [heard, gaps]: [string[], Gap[]] = [[], []];
    reader.on('gap', (gap: Gap) => gaps.push(gap));
    reader.on('data', (message: string) => {
      heard.push(message);
      reader.emit('heard');
    });
    await reader.subscribed();
    const writer = topicOf({ from: 'new' });
    const lines = Array.from({ length: 600 }, (_, at) => `line ${at}`);
    for (const [at, line] of lines.entries()) {
      if (!writer.write(line)) await once(writer, 'drain');
      if (at !== 300) continue;
      void engine.kill().then(() => engine.start());
    }
    while (heard.at(-1) !== 'line 599') await once(reader, 'heard');
    expect([heard, gaps]).toEqual([lines, []]);
  });

  test('for good: a write fails in time, with an error that says so', async () => {
    const writer = topicOf({ writeTimeoutMs: 500 });
    writer.write('before');
    await new Promise<void>((resolve) => writer.write('there', () => resolve()));
    await engine.kill();
    const failed = once(writer, 'error');
    const say = setInterval(() => writer.write('nobody hears'), 20);
    const [error] = (await failed) as [BackplaneError];
    clearInterval(say);
    expect(error).toBeInstanceOf(BackplaneError);
    expect(error.code).toBe('ERR_BACKPLANE_TIMEOUT');
  });

  test('and the client closed: topics fail with CLOSED', async () => {
    const topics = [topicOf(), topicOf({ from: 'new' })];
    const failures = topics.map((topic) => once(topic, 'error'));
    await room.close();
    for (const topic of topics) topic.write('to nobody');
    for (const [error] of await Promise.all(failures)) expect(error).toMatchObject({ code: 'ERR_BACKPLANE_CLOSED' });
  });
});
