import { setImmediate as nextTurn } from 'node:timers/promises';
import zlib from 'node:zlib';
import { AsideDeflater, MOST_JOBS } from '../../../../src/deflate/stream/aside.js';
import { inflated, inflaterFor } from '../../../support/deflate.js';
import { repeatable } from '../../../support/wire.js';

const TEXT = Buffer.from('{"user":"alpha","text":"hello hello hello"}'.repeat(5_000));
const random = repeatable(11);
const noise = Buffer.from(Array.from({ length: 50_000 }, () => random(256)));
const aside = (idleReleaseMs = Infinity) => new AsideDeflater({ level: 6, memLevel: 6, idleReleaseMs });

test.each([8, 9, 13, 15])('a window of %i bits: the message is whole, alone and after others', async (windowBits) => {
  const deflater = aside();
  const inflater = inflaterFor({ windowBits, takeover: true });
  for (let i = 0; i < 3; i++) {
    const message = (await deflater.compress(TEXT, windowBits)) as Buffer;
    expect(message.length).toBeLessThan(TEXT.length / 20);
    expect(inflated(inflater, message).equals(TEXT)).toBe(true);
  }
});

test('a text is compressed as its bytes are', async () => {
  const deflater = aside();
  const ofBytes = (await deflater.compress(TEXT, 15)) as Buffer;
  expect((await deflater.compress(TEXT.toString(), 15))?.equals(ofBytes)).toBe(true);
});

test('what does not become smaller is left as it is', async () => {
  expect(await aside().compress(noise, 15)).toBeNull();
  expect(await aside().compress(noise.toString('base64').slice(0, 3), 15)).toBeNull();
});

test('more messages than there are places: each has its turn, and a failure gives its place back', async () => {
  const deflater = aside();
  const bad = { length: 1 } as Buffer;
  const failures = Array.from({ length: 12 }, () => deflater.compress(bad, 15).catch((error: Error) => error));
  for (const error of await Promise.all(failures)) expect(error).toMatchObject({ name: 'TypeError' });
  const messages = await Promise.all(Array.from({ length: 40 }, () => deflater.compress(TEXT, 15)));
  for (const message of messages) {
    const whole = Buffer.concat([message as Buffer, Buffer.from([0, 0, 0xff, 0xff])]);
    const plain = zlib.inflateRawSync(whole, { finishFlush: zlib.constants.Z_SYNC_FLUSH });
    expect(plain.equals(TEXT)).toBe(true);
  }
});

test('jobs that nobody wants any more are not run: the one behind ten thousand of them waits for those under way', async () => {
  const deflater = aside();
  const wanted = jest.fn(() => false);
  const underWay = Array.from({ length: 8 }, () => deflater.compress(TEXT, 15));
  const unwanted = Array.from({ length: 10_000 }, () => deflater.compress(noise, 15, wanted));
  expect(await deflater.compress(TEXT, 15)).not.toBeNull();
  expect(new Set(await Promise.all(unwanted))).toEqual(new Set([null]));
  expect(wanted).toHaveBeenCalledTimes(10_000);
  expect((await Promise.all(underWay)).includes(null)).toBe(false);
});

test('the event loop goes on meanwhile', async () => {
  let turns = 0;
  const count = () => {
    turns++;
    timer = setImmediate(count);
  };
  let timer = setImmediate(count);
  await aside().compress(Buffer.concat(Array.from({ length: 40 }, () => noise)), 15);
  clearImmediate(timer);
  expect(turns).toBeGreaterThan(10);
});

test('contexts are kept for the next messages, no more than there are places, and released when idle', async () => {
  const deflater = aside(50);
  expect(deflater.size).toBe(0);
  await Promise.all(Array.from({ length: 40 }, () => deflater.compress(TEXT, 15)));
  expect(deflater.size).toBeGreaterThan(0);
  expect(deflater.size).toBeLessThanOrEqual(MOST_JOBS);
  await deflater.compress(TEXT, 15);
  await deflater.compress(TEXT, 9);
  expect(deflater.size).toBeLessThanOrEqual(MOST_JOBS + 1);
  while (deflater.size > 0) await nextTurn();
  expect(await deflater.compress(TEXT, 15)).not.toBeNull();
});

test('what it compresses refers to nothing before it, although contexts are kept', async () => {
  const deflater = aside();
  const [first, second] = [await deflater.compress(TEXT, 15), await deflater.compress(TEXT, 15)];
  expect(second?.equals(first as Buffer)).toBe(true);
});
