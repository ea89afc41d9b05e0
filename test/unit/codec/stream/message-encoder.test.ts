import fc from 'fast-check';
import type { Frame } from '../../../../src/codec/frame.js';
import { MessageDecoder } from '../../../../src/codec/stream/message-decoder.js';
import { MessageEncoder } from '../../../../src/codec/stream/message-encoder.js';
import { UsageError } from '../../../../src/errors.js';
import { messages } from '../../../support/arbitraries.js';
import { labelOf } from '../../../support/frames.js';
import { collect, failureOf, feed, LIBRARIES, pipelineEnd, slowWriter, turns } from '../../../support/streams.js';

/** The frames of these messages. */
async function encoded(items: readonly unknown[], fragmentBytes?: number): Promise<Frame[]> {
  const encoder = new MessageEncoder({ fragmentBytes });
  const [frames] = await Promise.all([collect<Frame>(encoder), feed(encoder, items)]);
  return frames;
}

test('a string is one text frame, bytes are one binary frame', async () => {
  const bytes = new Uint8Array([1, 2, 3, 4]);
  const frames = await encoded([
    'é',
    Buffer.from('b'),
    bytes.subarray(1, 3),
    new DataView(bytes.buffer, 3),
    bytes.buffer,
  ]);
  expect(frames.map(labelOf)).toEqual(['1 c3a9', '2 62', '2 0203', '2 04', '2 01020304']);
});

test('a longer message is cut into fragments: the opcode on the first, FIN on the last', async () => {
  const frames = await encoded(['Hello', 'Hey', ''], 3);
  expect(frames.map(labelOf)).toEqual(['1 48656c…', '0 6c6f', '1 486579', '1 ']);
});

test('a binary payload is a view of what was written', async () => {
  const bytes = new Uint8Array(100);
  const frames = await encoded([bytes], 40);
  expect(frames.map(({ payload }) => payload.buffer === bytes.buffer)).toEqual([true, true, true]);
});

test('decoding after encoding is the identity, whatever the size of fragments', async () => {
  const law = fc.asyncProperty(fc.array(messages()), fc.integer({ min: 1, max: 50 }), async (sent, fragmentBytes) => {
    const values = sent.map((message) => (message.type === 'text' ? message.text : message.payload));
    const decoder = new MessageDecoder();
    const frames = await encoded(values, fragmentBytes);
    const [received] = await Promise.all([collect(decoder), feed(decoder, frames)]);
    expect(received).toEqual(values);
  });
  await fc.assert(law, { numRuns: 60 });
});

test('a message in a million fragments is cut as they are read', async () => {
  const encoder = new MessageEncoder({ fragmentBytes: 1 });
  encoder.write(Buffer.alloc(1_000_000));
  await turns(3);
  expect(encoder.readableLength).toBeLessThanOrEqual(17);
});

test.each(LIBRARIES)('slow $library readers get every fragment', async (library) => {
  const encoder = new MessageEncoder({ fragmentBytes: 2 });
  const frames: Frame[] = [];
  const { ended } = pipelineEnd(
    library,
    encoder,
    slowWriter(library, (at) => at % 5 === 0, frames),
  );
  await feed(encoder, ['x'.repeat(101), 'y', 'z'.repeat(60)]);
  expect(await ended).toBeNull();
  expect(frames.filter(({ fin }) => fin)).toHaveLength(3);
  expect(Buffer.concat(frames.map(({ payload }) => payload)).toString()).toBe(`${'x'.repeat(101)}y${'z'.repeat(60)}`);
});

test.each([[5], [1_000], [true], [[1, 2]], [{ length: 9 }], [new Date(0)]])(
  'the message %p destroys it with a UsageError, and nothing comes out',
  async (mistake) => {
    const encoder = new MessageEncoder();
    const frames: unknown[] = [];
    encoder.on('data', (frame) => frames.push(frame));
    encoder.write(mistake);
    const error = await failureOf(encoder);
    expect(error).toBeInstanceOf(UsageError);
    expect(error.message).toBe('A message is a string, an ArrayBufferView or an ArrayBuffer.');
    expect(frames).toEqual([]);
  },
);

test.each([
  [{ fragmentBytes: 0 }, /^fragmentBytes is/],
  [{ fragmentBytes: 1.5 }, /^fragmentBytes is/],
  [{ fragmentBytes: '9' }, /^fragmentBytes is/],
  [null, 'MessageEncoder needs an options object.'],
])('the options %j are a UsageError', (options, sentence) => {
  const construct = () => new MessageEncoder(options as never);
  expect(construct).toThrow(UsageError);
  expect(construct).toThrow(sentence);
});

test('destroyed, it lets go of what is left of a message', () => {
  class Open extends MessageEncoder {
    left() {
      return this.produce();
    }
  }
  const encoder = new Open({ fragmentBytes: 1 });
  encoder.on('error', () => {});
  encoder.write(Buffer.alloc(1_000), () => {});
  expect(encoder.left()).not.toBeNull();
  encoder.destroy();
  expect(encoder.left()).toBeNull();
});
