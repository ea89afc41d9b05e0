import zlib from 'node:zlib';
import { AsideContext } from '../../../../src/deflate/stream/aside-context.js';
import { hex, repeatable } from '../../../support/wire.js';

const random = repeatable(23);
const noise = Buffer.from(Array.from({ length: 200_000 }, () => random(256)));
const JSON_TEXT = Buffer.from('{"user":"alpha","text":"hello hello hello"}'.repeat(5_000));
const OPTIONS = { windowBits: 15, level: 6, memLevel: 8 };

const plain = (pieces: readonly Buffer[]) =>
  zlib.inflateRawSync(Buffer.concat(pieces), { finishFlush: zlib.constants.Z_SYNC_FLUSH });

/** A context, and the stream that it made for itself. */
function observed() {
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
  return { context, stream: made[0] as zlib.DeflateRaw };
}

/** What `message` becomes. */
const whole = async (context: AsideContext, message: Buffer) => (await context.run(message)).whole;

test('what it gives ends in a flush, and refers to the messages before it until it is reset', async () => {
  const context = new AsideContext(OPTIONS);
  const message = noise.subarray(0, 30_000);
  const first = await whole(context, message);
  const second = await whole(context, message);
  context.reset();
  const third = await whole(context, message);
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
  ['one step', noise.subarray(0, 65_536)],
  ['one byte more than a step', noise.subarray(0, 65_537)],
])('%s comes out as it went in, message after message', async (_, message) => {
  const context = new AsideContext(OPTIONS);
  for (let i = 0; i < 4; i++) {
    expect(plain([await whole(context, message)]).equals(message)).toBe(true);
    context.reset();
  }
  context.close();
});

test('a small message does not hold on to the chunk that it was written in', async () => {
  const context = new AsideContext(OPTIONS);
  const kept = [await whole(context, JSON_TEXT), await whole(context, Buffer.from('short'))];
  for (const { buffer, length } of kept) expect(buffer.byteLength).toBeLessThanOrEqual(Math.max(8_192, 4 * length));
  context.close();
});

test.each([
  ['nothing', ''],
  ['one step', 'a'.repeat(65_536)],
  ['one unit more than a step', 'a'.repeat(65_537)],
  ['steps that grow: ASCII, then all of three bytes', 'a'.repeat(65_536) + '€'.repeat(300_000)],
  ['a character of two units where steps meet', `${'a'.repeat(65_535)}🚀${'é🚀'.repeat(200_000)}`],
  ['half a character where steps meet', `${'a'.repeat(65_535)}\ud83d${'b'.repeat(10)}`],
])('a text of %s comes out as UTF-8, and says how many bytes that is', async (_, text) => {
  const context = new AsideContext(OPTIONS);
  for (let i = 0; i < 2; i++) {
    const result = await context.run(text);
    expect(plain([result.whole]).equals(Buffer.from(text))).toBe(true);
    expect(result.plainBytes).toBe(Buffer.byteLength(text));
    context.reset();
  }
  context.close();
});

test('a text takes memory for its longest step, once', async () => {
  const { context, stream } = observed();
  const write = jest.spyOn(stream, 'write');
  for (const text of ['a'.repeat(30_000), 'b'.repeat(2 ** 20), 'c'.repeat(2 ** 20)]) await context.run(text);
  const memories = new Set(write.mock.calls.map(([step]) => (step as Buffer).buffer));
  expect([...memories].map(({ byteLength }) => byteLength)).toEqual([30_000, 65_536]);
  expect(write).toHaveBeenCalledTimes(33);
  context.close();
});

test('what is no payload is a rejection, and so is everything after the end; neither is an event that nobody hears', async () => {
  const context = new AsideContext(OPTIONS);
  await expect(context.run({ length: 1 } as Buffer)).rejects.toMatchObject({ name: 'TypeError' });
  context.close();
  await expect(context.run(JSON_TEXT)).rejects.toMatchObject({ code: 'ERR_STREAM_DESTROYED' });
});

test('a failure of zlib itself is a rejection', async () => {
  const { context, stream } = observed();
  const result = context.run(noise);
  stream.destroy(new Error('no memory'));
  await expect(result).rejects.toThrow('no memory');
});
