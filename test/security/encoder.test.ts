/** "Encoder, control frames, lifecycle", the encoder's rows: what is sent is what was given, under a key nobody knows. */
import { encodeClose } from '../../src/codec/close-code.js';
import type { Frame } from '../../src/codec/frame.js';
import { FrameWriter } from '../../src/codec/frame-writer.js';
import { FrameEncoder } from '../../src/codec/stream/frame-encoder.js';
import { MessageEncoder } from '../../src/codec/stream/message-encoder.js';
import { UsageError } from '../../src/errors.js';
import { binary, ping, readWire, text, wireOf } from '../support/frames.js';
import { outcomeOf } from '../support/parsing.js';
import { collectBytes, failureOf, feed } from '../support/streams.js';
import { hex, inChunksOf } from '../support/wire.js';

const ROLES = ['client', 'server'] as const;
const keyFor = (role: 'client' | 'server') => (role === 'server' ? { key: hex`37fa213d` } : {});

describe('what is sent is what was given, or nothing', () => {
  /** Fills Node's pool with a word that must never be on the wire. */
  function poison(): void {
    for (let i = 0; i < 64; i++) Buffer.allocUnsafe(4_000).fill('SECRET');
    for (let i = 0; i < 16; i++) Buffer.allocUnsafeSlow(65_536).fill('SECRET');
  }

  test.each(ROLES)('no uninitialised memory is on the wire of a %s', async (role) => {
    const writer = new FrameWriter(role, () => 0);
    const sizes = [0, 1, 2, 125, 126, 1_000, 4_095, 16_384, 16_385, 65_535, 65_536];
    for (let round = 0; round < 5; round++) {
      poison();
      for (const size of sizes) writer.add(binary(Buffer.alloc(size, 1)));
      writer.addText('é'.repeat(3_000));
      writer.addWire(hex`8900`);
      const wire = Buffer.concat(writer.take());
      expect(wire.includes('SECRET')).toBe(false);
      expect(
        readWire(wire)
          .slice(0, sizes.length)
          .every(({ frame }) => frame.payload.every((byte) => byte === 1)),
      ).toBe(true);
    }
  });

  test.each(ROLES)('no uninitialised memory is in the payloads that a %s reads', (role) => {
    poison();
    const wire = Buffer.concat([1, 3, 200, 5_000].map((size) => wireOf(binary(Buffer.alloc(size, 1)), keyFor(role))));
    for (const size of [1, 7, 500, wire.length]) {
      const { frames } = outcomeOf(inChunksOf(size, wire), { role });
      expect(frames.every(({ payload }) => payload.every((byte) => byte === 1))).toBe(true);
    }
  });

  const mistakes: readonly [unknown][] = [[5], [1_000], [[1, 2]], [{ length: 9 }], [true]];

  test.each([...mistakes, [null], ['text']])('the payload %j of a frame is a UsageError', async (payload) => {
    const encoder = new FrameEncoder({ role: 'server' });
    encoder.write({ ...text('a'), payload });
    expect(await failureOf(encoder)).toBeInstanceOf(UsageError);
  });

  test.each(mistakes)('the message %j is a UsageError', async (message) => {
    const encoder = new MessageEncoder();
    encoder.write(message);
    expect(await failureOf(encoder)).toBeInstanceOf(UsageError);
  });

  test.each([...mistakes, [null]])('the close reason %j, and the close code, are a UsageError', (value) => {
    expect(() => encodeClose(1000, value as string)).toThrow(UsageError);
    if (value !== 1_000) expect(() => encodeClose(value as number, 'bye')).toThrow(UsageError);
  });

  test('every view sends exactly its own bytes', async () => {
    const memory = Buffer.alloc(64, 'SECRET').buffer.slice(0, 64);
    new Uint8Array(memory, 16, 8).fill(7);
    const messages = new MessageEncoder();
    const wire = collectBytes(messages.pipe(new FrameEncoder({ role: 'server' })));
    const views = [Uint8Array, Int16Array, Float32Array].map(
      (View) => new View(memory, 16, 8 / View.BYTES_PER_ELEMENT),
    );
    await feed(messages, [...views, new DataView(memory, 16, 8)]);
    const payloads = readWire(await wire).map(({ frame }: { frame: Frame }) => frame.payload.toString('hex'));
    expect(payloads).toEqual(Array(4).fill('0707070707070707'));
  });
});

test('masking keys are never reused: 20,000 frames of two encoders have keys of their own', async () => {
  const keys: (string | null)[] = [];
  for (const encoder of [new FrameEncoder({ role: 'client' }), new FrameEncoder({ role: 'client' })]) {
    const wire = collectBytes(encoder);
    await feed(
      encoder,
      Array.from({ length: 10_000 }, () => ping()),
    );
    keys.push(...readWire(await wire).map(({ key }) => key));
  }
  // 0.05 pairs are expected by chance.
  expect(new Set(keys).size).toBeGreaterThan(20_000 - 4);
  expect(keys.filter((key) => key === '00000000').length).toBeLessThan(2);
});
