import { once } from 'node:events';
import { Counting, longestQueue, upTo } from '../../../support/counting.js';
import { collect, failureOf, feed, LIBRARIES, pipelineEnd, slowWriter, turns } from '../../../support/streams.js';
import { repeatable } from '../../../support/wire.js';

test.each([1, 4, 16])('one chunk never queues more than the high-water mark of %d plus one', async (mark) => {
  const stage = new Counting(mark);
  const longest = longestQueue(stage);
  stage.end(5_000);
  await turns(2);
  expect(stage.readableLength).toBeLessThanOrEqual(mark);
  expect(await collect(stage)).toEqual(upTo(5_000));
  expect(longest()).toBeLessThanOrEqual(mark + 1);
});

test.each([1, 4, 16])('nor do many chunks, each begun while the one before is settled, mark %d', async (mark) => {
  const stage = new Counting(mark);
  const longest = longestQueue(stage);
  const counts = Array.from({ length: 15 }, (_, at) => at % (mark + 3));
  for (const count of counts) stage.write(count);
  stage.end();
  await turns(2);
  expect(await collect(stage)).toEqual(counts.flatMap(upTo));
  expect(longest()).toBeLessThanOrEqual(mark + 1);
});

test('a reader gets past a write that Transform itself holds back, without an end in sight', async () => {
  const stage = new Counting(1);
  const out: unknown[] = [];
  for (let i = 0; i < 5; i++) stage.write(1);
  for (let i = 0; i < 5; i++) {
    await turns(1);
    out.push(stage.read());
  }
  expect(out).toEqual([0, 0, 0, 0, 0]);
});

test.each(LIBRARIES)('slow $library readers lose nothing and never stall', async (library) => {
  const random = repeatable(11);
  for (let run = 0; run < 15; run++) {
    const counts = Array.from({ length: 12 }, () => random(40));
    const out: number[] = [];
    const stage = new Counting(1 + random(20));
    const { ended } = pipelineEnd(
      library,
      stage,
      slowWriter(library, () => random(4) === 0, out),
    );
    await feed(stage, counts);
    expect(await ended).toBeNull();
    expect(out).toEqual(counts.flatMap(upTo));
  }
});

test('a data listener may pause, resume and read while an output is being pushed', async () => {
  const stage = new Counting(2);
  const out: number[] = [];
  stage.on('data', (value: number) => {
    out.push(value);
    if (value % 3 === 0) stage.read(); // is a 'data' event of its own
    stage.pause();
    if (value % 2 === 0) stage.resume();
    else setImmediate(() => stage.resume());
  });
  stage.write(50);
  stage.end(7);
  await once(stage, 'end');
  expect(out.toSorted((a, b) => a - b)).toEqual([...upTo(50), ...upTo(7)].sort((a, b) => a - b));
});

test.each([
  ['with an error', new Error('gone'), ['gone', undefined]],
  ['without one', undefined, ['Cannot finish a write after the stream was destroyed', 'ERR_STREAM_DESTROYED']],
])('destroyed %s while it is parked, it calls back once and lets go', async (_, error, said) => {
  const stage = new Counting(4);
  const heard: unknown[] = [];
  stage.on('error', () => {});
  stage.write(1_000, (why) => heard.push([why?.message, (why as NodeJS.ErrnoException | null | undefined)?.code]));
  await turns(1);
  expect(heard).toEqual([]);
  stage.destroy(error);
  stage.read();
  await turns(3);
  expect([heard, stage.discards]).toEqual([[said], 1]);
});

test('destroyed by the reader of an output, it produces nothing more', async () => {
  const stage = new Counting(16);
  const out: number[] = [];
  stage.on('data', (value: number) => {
    out.push(value);
    if (value === 2) stage.destroy();
  });
  stage.write(1_000);
  await once(stage, 'close');
  expect(out).toEqual([0, 1, 2]);
});

test('destroyed by what it produces from, it calls back once', async () => {
  class Doomed extends Counting {
    protected override produce(): number | null {
      this.destroy();
      return null;
    }
  }
  const stage = new Doomed(16);
  const heard: unknown[] = [];
  stage.write(3, (why) => heard.push((why as NodeJS.ErrnoException | null | undefined)?.code));
  await turns(2);
  expect(heard).toEqual(['ERR_STREAM_DESTROYED']);
});

test.each([
  ['taking a chunk', -1, 'not taken'],
  ['producing', -2, 'cannot go on'],
])('what %s throws destroys the stream, and the write hears of it', async (_, chunk, message) => {
  const stage = new Counting(16);
  const heard: unknown[] = [];
  stage.write(chunk, (why) => heard.push(why?.message));
  expect(await failureOf(stage)).toMatchObject({ message });
  expect([heard, stage.discards]).toEqual([[message], 1]);
});

describe('a stage that tires after three outputs', () => {
  class Tiring extends Counting {
    #done = 0;
    rests = 0;

    protected override isTired(): boolean {
      return this.#done >= 3;
    }

    protected override rested(): void {
      this.#done = 0;
      this.rests++;
    }

    protected override produce(): number | null {
      const output = super.produce();
      if (output !== null) this.#done++;
      return output;
    }
  }

  test.each([1, 2, 16])(
    'gives others a turn of the event loop after each, and loses nothing, mark %d',
    async (mark) => {
      const stage = new Tiring(mark);
      const [out] = await Promise.all([collect<number>(stage), feed(stage, [10, 0, 7, 1, 30])]);
      expect(out).toEqual([10, 0, 7, 1, 30].flatMap(upTo));
      expect(stage.rests).toBeGreaterThanOrEqual(15);
    },
  );

  test('rests once a turn and produces nothing meanwhile, however often it is asked for more', async () => {
    const stage = new Tiring(100);
    stage.write(1_000);
    for (const turn of [1, 2, 3]) {
      expect([stage.rests, stage.readableLength]).toEqual([turn - 1, turn * 3]);
      for (let i = 0; i < 3; i++) stage.read(0);
      await turns(1);
    }
  });

  test('a reader that asks whenever it likes, for nothing too, gets everything in order', async () => {
    const random = repeatable(23);
    for (let run = 0; run < 40; run++) {
      const stage = new Tiring(1 + random(5));
      const counts = Array.from({ length: 6 }, () => random(12));
      const fed = feed(stage, counts);
      const out: number[] = [];
      for (let quiet = 0; quiet < 200 && !stage.readableEnded; quiet++) {
        for (let asked = random(4); asked > 0; asked--) {
          const value = random(3) === 0 ? stage.read(0) : stage.read();
          if (value === null) continue;
          out.push(value);
          quiet = 0;
        }
        if (random(2) === 0) await turns(1);
      }
      expect(out).toEqual(counts.flatMap(upTo));
      await fed;
    }
  });

  test('between slow neighbours of both libraries', async () => {
    for (const library of LIBRARIES) {
      const items: number[] = [];
      const writer = slowWriter<number>(library, (index) => index % 2 === 0, items);
      const source = library.Readable.from([20, 20, 20]);
      expect(await pipelineEnd(library, source, new Tiring(1), writer).ended).toBeNull();
      expect(items).toEqual([...upTo(20), ...upTo(20), ...upTo(20)]);
    }
  });

  test('a stage that is tired by the clock need not be told of a new turn', async () => {
    let looks = 0;
    class Clock extends Counting {
      protected override isTired(): boolean {
        return looks++ % 3 === 2;
      }
    }
    const stage = new Clock(2);
    const [out] = await Promise.all([collect<number>(stage), feed(stage, [10, 1, 7])]);
    expect(out).toEqual([10, 1, 7].flatMap(upTo));
  });

  test('destroyed while it rests, it calls back once and produces nothing more', async () => {
    const stage = new Tiring(100);
    const heard: unknown[] = [];
    stage.on('error', () => {});
    stage.write(1_000, (why) => heard.push(why?.message));
    stage.destroy(new Error('gone'));
    await turns(5);
    expect([heard, stage.readableLength <= 3, stage.discards]).toEqual([['gone'], true, 1]);
  });
});
