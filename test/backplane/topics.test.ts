/** Topics on real engines, by the official clients: what is written is read, whatever happens in between. */
import { once } from 'node:events';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Gap, Topic } from '../../src/backplane/index.js';
import { prepare } from '../../src/duplex/prepared-message.js';
import { UsageError } from '../../src/errors.js';
import { freePort } from '../support/free-port.js';
import { type EngineName, EngineProcess } from './support/engines.js';
import { ROOMS, type Room, type RoomOptions } from './support/rooms.js';

const open: Topic[] = [];

function destroyAll(): void {
  for (const topic of open.splice(0)) topic.destroy();
}

afterEach(destroyAll);

/** What a topic yields and says, from now on. */
interface Reader {
  readonly topic: Topic;
  readonly heard: (string | Buffer)[];
  readonly gaps: Gap[];
  /** Resolves when that message has been read. */
  until(last: string): Promise<void>;
}

describe.each<EngineName>(['nats', 'redis'])('%s', (name) => {
  let engine: EngineProcess;
  let room: Room;
  let number = 0;
  /** A name that nobody has used before. */
  let channel: string;

  beforeAll(async () => {
    engine = await new EngineProcess(name, await freePort()).start();
    room = await ROOMS[name](engine);
  });
  beforeEach(() => {
    channel = `room-${number++}`;
  });
  afterAll(async () => {
    await room?.close();
    await engine?.end();
  });

  const topicOf = (options: RoomOptions = {}): Topic => {
    const topic = room.topic(channel, options);
    open.push(topic);
    return topic;
  };

  async function reader(options: RoomOptions = {}): Promise<Reader> {
    const topic = topicOf(options);
    const heard: (string | Buffer)[] = [];
    const gaps: Gap[] = [];
    topic.on('gap', (gap: Gap) => gaps.push(gap));
    topic.on('data', (message: string | Buffer) => {
      heard.push(message);
      topic.emit('heard');
    });
    await topic.subscribed();
    const until = async (last: string) => {
      while (!heard.includes(last)) await once(topic, 'heard');
    };
    return { topic, heard, gaps, until };
  }

  describe.each([
    ['without replay', undefined],
    ['with replay', 'new'],
  ] as const)('%s', (_, from) => {
    test('every kind of message, to every reader, once and in order, the writer among them', async () => {
      const [one, other] = [await reader({ from }), await reader({ from })];
      const messages = [
        'text',
        'Grüße',
        '',
        '\u0002odd',
        Buffer.from([0, 255, 1]),
        Buffer.alloc(0),
        Buffer.from('bytes'),
      ];
      for (const message of messages) one.topic.write(message);
      one.topic.write(prepare('prepared'));
      one.topic.write(new Uint16Array([0x4241]));
      one.topic.write('last');
      for (const { heard, until } of [one, other]) {
        await until('last');
        expect(heard).toEqual([...messages, 'prepared', Buffer.from('AB'), 'last']);
      }
    });

    test('10,000 messages of three writers arrive, each writer in order', async () => {
      const { heard, topic } = await reader({ from });
      const writers = ['a', 'b', 'c'].map((writer) =>
        pipeline(Readable.from(Array.from({ length: 3_333 }, (_, at) => `${writer} ${at}`)), topicOf({ from })),
      );
      await Promise.all(writers);
      while (heard.length < 9_999) await once(topic, 'heard');
      for (const writer of ['a', 'b', 'c']) {
        const its = heard.filter((message) => String(message).startsWith(writer));
        expect(its).toEqual(Array.from({ length: 3_333 }, (_, at) => `${writer} ${at}`));
      }
    });

    test('a topic that is only written to is done when its source is', async () => {
      const { until } = await reader({ from });
      const writer = topicOf({ from });
      await pipeline(Readable.from(['one', 'two']), writer);
      await until('two');
      if (!writer.destroyed) await once(writer, 'close');
    });

    test('what is no message, or still being produced: a UsageError', async () => {
      for (const wrong of [5, Readable.from(['a'])]) {
        const topic = topicOf({ from });
        topic.write(wrong);
        const [error] = (await once(topic, 'error')) as [Error];
        expect(error).toBeInstanceOf(UsageError);
      }
    });
  });

  test('plain publishers are heard, as text, and as bytes when it is none', async () => {
    const { heard, until } = await reader();
    await room.publish(channel, '{"from":"elsewhere"}');
    await until('{"from":"elsewhere"}');
    expect(heard).toHaveLength(1);
  });

  test('a reader that stops holds its limit, and is told what it missed', async () => {
    const { topic, heard, gaps, until } = await reader({ maxBufferedBytes: 100_000 });
    const writer = topicOf();
    const line = (at: number) => `${at} `.padEnd(1_000, '.');
    topic.pause();
    for (let at = 0; at < 500; at++) if (!writer.write(line(at))) await once(writer, 'drain');
    writer.end();
    await once(writer, 'finish');
    await room.publish(channel, 'x');
    topic.resume();
    const after = topicOf();
    const say = setInterval(() => after.write('after'), 10);
    await until('after');
    clearInterval(say);
    const missed = gaps.reduce((all, gap) => all + (gap.missed ?? 0), 0);
    expect(gaps[0]).toEqual({ reason: 'slow-reader', missed: expect.any(Number) });
    expect(missed + heard.filter((message) => String(message).length === 1_000).length).toBeGreaterThanOrEqual(500);
    expect(heard.length).toBeLessThan(250);
  });

  test('with replay a reader that stops misses nothing, and holds its limit', async () => {
    const { topic, heard, gaps, until } = await reader({ from: 'new', maxBufferedBytes: 100_000 });
    const writer = topicOf({ from: 'new' });
    topic.pause();
    const lines = Array.from({ length: 500 }, (_, at) => `${at} `.padEnd(1_000, '.'));
    await pipeline(Readable.from(lines), writer);
    expect(topic.readableLength).toBeLessThan(200);
    topic.resume();
    await until(lines[499] ?? '');
    expect([heard, gaps]).toEqual([lines, []]);
  });

  test('reading goes on after a position, in another topic, with nothing twice', async () => {
    const first = await reader({ from: 'new' });
    const writer = topicOf({ from: 'new' });
    expect(first.topic.position).toBeNull();
    for (const message of ['1', '2', '3']) writer.write(message);
    await first.until('3');
    const after = first.topic.position ?? '';
    first.topic.destroy();
    for (const message of ['4', '5']) writer.write(message);
    const [second, all] = [await reader({ from: { after } }), await reader({ from: 'start' })];
    await second.until('5');
    await all.until('5');
    expect(second.heard).toEqual(['4', '5']);
    expect(all.heard.slice(-5)).toEqual(['1', '2', '3', '4', '5']);
    expect([second.gaps, second.topic.position]).toEqual([[], all.topic.position]);
  });
});
