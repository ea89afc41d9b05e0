import zlib from 'node:zlib';
import { AsideContext } from '../../../../src/deflate/stream/aside-context.js';
import { hex, repeatable } from '../../../support/wire.js';

const random = repeatable(23);
const noise = Buffer.from(Array.from({ length: 200_000 }, () => random(256)));
const JSON_TEXT = Buffer.from('{"user":"alpha","text":"hello hello hello"}'.repeat(5_000));
const OPTIONS = { windowBits: 15, level: 6, memLevel: 8 };

const plain = (pieces: readonly Buffer[]) =>
  zlib.inflateRawSync(Buffer.concat(pieces), { finishFlush: zlib.constants.Z_SYNC_FLUSH });

test('what it gives ends in a flush, and refers to the messages before it until it is reset', async () => {
  const context = new AsideContext(OPTIONS);
  const message = noise.subarray(0, 30_000);
  const first = await context.run(message);
  const second = await context.run(message);
  context.reset();
  const third = await context.run(message);
  for (const flushed of [first, second, third]) expect(flushed.subarray(-4)).toEqual(hex`0000ffff`);
  expect(second.length).toBeLessThan(1_000);
  expect(third.equals(first)).toBe(true);
  expect(plain([first, second]).equals(Buffer.concat([message, message]))).toBe(true);
  context.close();
});

test.each([
  ['nothing', Buffer.alloc(0)],
  ['what fits in a chunk', JSON_TEXT],
  ['what takes several chunks', noise],
])('%s comes out as it went in, message after message', async (_, message) => {
  const context = new AsideContext(OPTIONS);
  for (let i = 0; i < 4; i++) {
    expect(plain([await context.run(message)]).equals(message)).toBe(true);
    context.reset();
  }
  context.close();
});

test('a small message does not hold on to the chunk that it was written in', async () => {
  const context = new AsideContext(OPTIONS);
  const kept = [await context.run(JSON_TEXT), await context.run(Buffer.from('short'))];
  for (const { buffer, length } of kept) expect(buffer.byteLength).toBeLessThanOrEqual(Math.max(8_192, 4 * length));
  context.close();
});

test('what is no payload is a rejection, and so is everything after the end; neither is an event that nobody hears', async () => {
  const context = new AsideContext(OPTIONS);
  await expect(context.run({ length: 1 } as Buffer)).rejects.toMatchObject({ code: 'ERR_INVALID_ARG_TYPE' });
  context.close();
  await expect(context.run(JSON_TEXT)).rejects.toMatchObject({ code: 'ERR_STREAM_DESTROYED' });
});

test('a failure of zlib itself is a rejection', async () => {
  const made: zlib.DeflateRaw[] = [];
  const property = Object.getOwnPropertyDescriptor(zlib, 'createDeflateRaw') as PropertyDescriptor;
  const make = zlib.createDeflateRaw;
  const value = (options: zlib.ZlibOptions) => {
    const stream = make(options);
    made.push(stream);
    return stream;
  };
  Object.defineProperty(zlib, 'createDeflateRaw', { ...property, value });
  const context = new AsideContext(OPTIONS);
  Object.defineProperty(zlib, 'createDeflateRaw', property);
  const result = context.run(noise);
  made[0]?.destroy(new Error('no memory'));
  await expect(result).rejects.toThrow('no memory');
});
