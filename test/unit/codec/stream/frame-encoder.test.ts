import { once } from 'node:events';
import fc from 'fast-check';
import type { Frame } from '../../../../src/codec/frame.js';
import { FrameEncoder } from '../../../../src/codec/stream/frame-encoder.js';
import { UsageError } from '../../../../src/errors.js';
import { frameSequences } from '../../../support/arbitraries.js';
import { binary, close, frameOf, labelOf, ping, readWire, text } from '../../../support/frames.js';
import { collectBytes, failureOf, feed, LIBRARIES, pipelineEnd, slowWriter, turns } from '../../../support/streams.js';
import { hex } from '../../../support/wire.js';

const KEY = 0x3d21fa37; // 37 fa 21 3d, the key of RFC 6455 §5.7
const server = () => new FrameEncoder({ role: 'server' });
const big = (fill: number) => binary(Buffer.alloc(100_000, fill));

describe('what it writes', () => {
  test('each opcode that the RFC gives a meaning', async () => {
    const encoder = server();
    for (const opcode of [0, 1, 2, 8, 9, 10]) encoder.write(frameOf(opcode, ''));
    expect(await collectBytes(encoder.end())).toEqual(hex`8000 8100 8200 8800 8900 8a00`);
  });

  test('a server writes RFC 6455 §5.7’s unmasked "Hello", a client its masked one', async () => {
    const client = new FrameEncoder({ role: 'client', maskKey: () => KEY });
    expect(await collectBytes(server().end(text('Hello')))).toEqual(hex`81 05 48656c6c6f`);
    expect(await collectBytes(client.end(text('Hello')))).toEqual(hex`81 85 37fa213d 7f9f4d5158`);
  });

  test('frames of one tick leave as one buffer, frames of the next tick as another', async () => {
    const encoder = server();
    const chunks: Buffer[] = [];
    encoder.on('data', (chunk: Buffer) => chunks.push(chunk));
    for (const word of ['a', 'b', 'c']) encoder.write(text(word));
    await turns(1);
    encoder.write(text('d'));
    await turns(1);
    expect(chunks).toEqual([hex`8101 61 8101 62 8101 63`, hex`8101 64`]);
  });

  test('a large payload of a server is passed on, not copied', async () => {
    const payload = Buffer.alloc(20_000, 7);
    const encoder = server();
    const shared: boolean[] = [];
    encoder.on('data', ({ buffer }: Buffer) => shared.push(buffer === payload.buffer));
    await once(encoder.end(binary(payload)), 'end');
    expect(shared).toEqual([false, true]);
  });

  test('a client never writes into a payload', async () => {
    const payload = Buffer.alloc(70_000, 7);
    await collectBytes(new FrameEncoder({ role: 'client' }).end(binary(payload)));
    expect(payload.equals(Buffer.alloc(70_000, 7))).toBe(true);
  });

  test('every frame of a client gets a fresh masking key', async () => {
    const encoder = new FrameEncoder({ role: 'client' });
    for (let i = 0; i < 1_000; i++) encoder.write(ping());
    const keys = readWire(await collectBytes(encoder.end())).map(({ key }) => key);
    expect(new Set(keys).size).toBeGreaterThan(998);
    expect(keys).toHaveLength(1_000);
  });

  test('what it writes is what any sequence of frames says, in order', async () => {
    const law = fc.asyncProperty(frameSequences(), fc.constantFrom('client', 'server'), async ({ frames }, role) => {
      const encoder = new FrameEncoder({ role });
      const bytes = collectBytes(encoder);
      await feed(encoder, frames);
      expect(readWire(await bytes).map(({ frame }) => labelOf(frame))).toEqual(frames.map(labelOf));
    });
    await fc.assert(law, { numRuns: 60 });
  });
});

describe('the final frame', () => {
  test('goes out after everything else', async () => {
    const encoder = server();
    encoder.setFinalFrame(close(1001));
    encoder.write(text('a'));
    expect(await collectBytes(encoder.end(text('b')))).toEqual(hex`8101 61 8101 62 8802 03e9`);
  });

  test('is none by default, and none again after null', async () => {
    const encoder = server();
    encoder.setFinalFrame(close());
    encoder.setFinalFrame(null);
    expect(await collectBytes(encoder.end())).toEqual(hex``);
  });
});

describe('backpressure', () => {
  test('a reader that has stopped stops the writer: the high-water mark and one frame are held', async () => {
    const encoder = server();
    let written = 0;
    while (encoder.write(big(written)) && written < 1_000) written++;
    await turns(3);
    expect(written).toBeLessThan(20);
    expect(encoder.readableLength).toBeLessThan(65_536 + 100_014);
  });

  test('so do frames that are small and far apart', async () => {
    const encoder = server();
    let written = 0;
    while (encoder.write(binary(Buffer.alloc(1_000))) && written < 1_000) {
      written++;
      await turns(1);
    }
    expect(written).toBeLessThan(100);
    expect(encoder.readableLength).toBeLessThan(65_536 + 2 * 1_004);
  });

  test('a frame that fills it to the mark is there to be read at once', () => {
    const encoder = server();
    encoder.write(binary(Buffer.alloc(65_536 - 4)));
    expect(encoder.readableLength).toBe(65_536);
  });

  test('a write is done without a reader while there is room: at first, and when the reader has made some', async () => {
    const encoder = server();
    const done: string[] = [];
    encoder.write(text('a'), () => done.push('a'));
    await turns(2);
    expect(done).toEqual(['a']);
    encoder.write(big(1));
    await turns(2);
    while (encoder.read() !== null) await turns(1);
    encoder.write(text('b'), () => done.push('b'));
    await turns(2);
    expect(done).toEqual(['a', 'b']);
  });

  test.each(LIBRARIES)(
    'a slow $library reader gets every frame, large and small: no write is parked for ever',
    async (lib) => {
      const frames: Frame[] = Array.from({ length: 60 }, (_, at) => (at % 3 === 0 ? ping(`${at}`) : big(at)));
      const encoder = server();
      const chunks: Buffer[] = [];
      const { ended } = pipelineEnd(
        lib,
        encoder,
        slowWriter(lib, (index) => index % 2 === 0, chunks),
      );
      await feed(encoder, frames);
      expect(await ended).toBeNull();
      expect(readWire(Buffer.concat(chunks)).map(({ frame }) => labelOf(frame))).toEqual(frames.map(labelOf));
    },
  );

  test('a reader that asks with read() gets every frame too', async () => {
    const encoder = new FrameEncoder({ role: 'client' });
    const fed = feed(encoder, [big(1), big(2), big(3), ping()]);
    await turns(2);
    const seen: Buffer[] = [];
    encoder.on('readable', () => {
      for (let chunk = encoder.read(); chunk !== null; chunk = encoder.read()) seen.push(chunk);
    });
    await Promise.all([fed, once(encoder, 'end')]);
    expect(readWire(Buffer.concat(seen)).map(({ frame }) => frame.opcode)).toEqual([2, 2, 2, 9]);
  });
});

describe('the end', () => {
  test.each([
    ['with an error', new Error('gone'), 'gone'],
    ['without one', undefined, 'Cannot finish a write after the stream was destroyed'],
  ])('a parked write that is destroyed %s calls back once', async (_, error, message) => {
    const encoder = server();
    const heard: string[] = [];
    encoder.on('error', () => {});
    encoder.write(big(1), (why) => heard.push(why?.message ?? 'no error'));
    await turns(1);
    expect(heard).toEqual([]);
    encoder.destroy(error);
    encoder.read();
    await turns(3);
    expect(heard).toEqual([message]);
  });

  test('destroyed in the tick of a write, it pushes nothing more', async () => {
    const encoder = server();
    const chunks: Buffer[] = [];
    encoder.on('data', (chunk: Buffer) => chunks.push(chunk));
    encoder.write(text('a'));
    encoder.destroy();
    await turns(2);
    expect(chunks).toEqual([]);
  });
});

describe('mistakes of the caller', () => {
  const plain = text('a');
  const [noFrame, opcode, payload] = ['takes Frame objects', 'opcode of a frame', 'payload of a frame is a Buffer'];
  test.each([
    ['a string', 'Hello', noFrame],
    ['a number', 5, noFrame],
    ['undefined', undefined, noFrame],
    ['a payload that is a string', { ...plain, payload: 'Hello' }, payload],
    ['a payload that is a number', { ...plain, payload: 1_000 }, payload],
    ['a payload that is an array', { ...plain, payload: [1, 2] }, payload],
    ['a payload that is null', { ...plain, payload: null }, payload],
    ['a payload that is a plain Uint8Array', { ...plain, payload: new Uint8Array(3) }, payload],
    ['a reserved opcode', { ...plain, opcode: 3 }, opcode],
    ['an opcode below 0', { ...plain, opcode: -1 }, opcode],
    ['an opcode of 11', { ...plain, opcode: 11 }, opcode],
    ['an opcode of 1.5', { ...plain, opcode: 1.5 }, opcode],
    ['a ping of 126 bytes', ping(Buffer.alloc(126)), 'at most 125 bytes'],
    ['a ping without FIN', frameOf(9, '', { fin: false }), 'never fragmented'],
  ])('%s is a UsageError, and nothing is sent', async (_, mistake, says) => {
    const encoder = server();
    const chunks: Buffer[] = [];
    encoder.on('data', (chunk: Buffer) => chunks.push(chunk));
    encoder.write(mistake);
    const failure = await failureOf(encoder);
    expect(failure).toBeInstanceOf(UsageError);
    expect(failure.message).toContain(says);
    expect(chunks).toEqual([]);
  });

  test.each([
    [undefined, 'FrameEncoder'],
    [null, 'FrameEncoder'],
    [{}, 'role'],
    [{ role: 'peer' }, 'role'],
    [{ role: 'client', maskKey: 7 }, 'maskKey'],
  ])('the options %j are a UsageError that names what is wrong', (options, name) => {
    const construct = () => new FrameEncoder(options as never);
    expect(construct).toThrow(UsageError);
    expect(construct).toThrow(name);
  });
});
