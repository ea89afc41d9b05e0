import fc from 'fast-check';
import type { Frame } from '../../../../src/codec/frame.js';
import { FrameDecoder } from '../../../../src/codec/stream/frame-decoder.js';
import { FrameEncoder } from '../../../../src/codec/stream/frame-encoder.js';
import { ProtocolError, UsageError } from '../../../../src/errors.js';
import { chunkings, cutBy, frameSequences, wires } from '../../../support/arbitraries.js';
import { binary, labelOf, ping, sameFrames, text, wireOf } from '../../../support/frames.js';
import { bufferedBytes } from '../../../support/heap.js';
import { thrownBy } from '../../../support/parsing.js';
import { PROVOCATIONS, PROVOKED_LIMITS } from '../../../support/provocations.js';
import {
  collect,
  collectBytes,
  failureOf,
  feed,
  LIBRARIES,
  pipelineEnd,
  slowWriter,
  turns,
} from '../../../support/streams.js';
import { byteByByte, cutAt, everyExactCut, hex, inChunksOf, owned, repeatable } from '../../../support/wire.js';

const KEY = hex`37fa213d`;
const server = () => new FrameDecoder({ role: 'server' });
const client = () => new FrameDecoder({ role: 'client' });

/** The frames that a decoder gives for these chunks and then the end. */
async function decoded(decoder: FrameDecoder, chunks: Iterable<Uint8Array>): Promise<Frame[]> {
  const [frames] = await Promise.all([collect<Frame>(decoder), feed(decoder, chunks)]);
  return frames;
}

describe('what it reads', () => {
  test('129 131 61 84 35 6 112 16 109 is the text "MDN", at every cut', async () => {
    const wire = Buffer.from([129, 131, 61, 84, 35, 6, 112, 16, 109]);
    for (const cut of everyExactCut(wire)) expect(await decoded(server(), cut)).toEqual([text('MDN')]);
  });

  test('RFC 6455 §5.7’s "Hello", fragmented with the ping between, at every cut', async () => {
    const wire = hex`01 03 48656c 89 05 48656c6c6f 80 02 6c6f`;
    for (const cut of everyExactCut(wire)) {
      expect((await decoded(client(), cut)).map(labelOf)).toEqual(['1 48656c…', '9 48656c6c6f', '0 6c6f']);
    }
  });

  test('a Uint8Array is bytes as well', async () => {
    expect(await decoded(client(), [Uint8Array.from([0x81, 1, 65])])).toEqual([text('A')]);
  });

  test('RSV1 stays on the frame when permessage-deflate was agreed on', async () => {
    const decoder = new FrameDecoder({ role: 'client', extensions: [{ name: 'permessage-deflate' }] });
    expect((await decoded(decoder, [hex`c1 01 41`])).map(labelOf)).toEqual(['1+rsv1 41']);
  });

  test.each(['client', 'server'] as const)(
    'through encoder and decoder, frames of a %s come out as they went in',
    async (role) => {
      const law = fc.asyncProperty(frameSequences(), fc.integer({ min: 1, max: 40 }), async ({ frames }, size) => {
        const encoder = new FrameEncoder({ role });
        const [bytes] = await Promise.all([collectBytes(encoder), feed(encoder, frames)]);
        const decoder = new FrameDecoder({ role: role === 'client' ? 'server' : 'client' });
        expect(sameFrames(await decoded(decoder, inChunksOf(size, bytes)), frames)).toBe(true);
      });
      await fc.assert(law, { numRuns: 40 });
    },
  );
});

describe('memory that it is given', () => {
  const options = fc.record({ unmask: fc.constantFrom('copy', 'in-place'), splitFrames: fc.boolean() });

  test('is not written into, unless unmask is in-place; the frames are right in any case', async () => {
    const law = fc.asyncProperty(
      wires('client'),
      chunkings(),
      options,
      async (wire, chunking, { unmask, splitFrames }) => {
        const chunks = owned(cutBy(chunking, wire));
        const decoder = new FrameDecoder({ role: 'server', unmask, splitFrames });
        const frames = await decoded(decoder, chunks);
        if (!splitFrames) expect(sameFrames(frames, wire.frames)).toBe(true);
        if (unmask === 'copy') expect(Buffer.concat(chunks).equals(wire.bytes)).toBe(true);
      },
    );
    await fc.assert(law, { numRuns: 80 });
  });

  test('is not pinned: a payload of 20 bytes from a chunk of 64 KiB', async () => {
    const wire = wireOf(binary(Buffer.alloc(20)), { key: KEY });
    const chunk = Buffer.concat(Array.from({ length: 2_000 }, () => wire));
    for (const unmask of ['copy', 'in-place'] as const) {
      const frames = await decoded(new FrameDecoder({ role: 'server', unmask }), [Buffer.from(chunk)]);
      const pinned = new Set(frames.map(({ payload }) => payload.buffer));
      expect(Math.max(...[...pinned].map(({ byteLength }) => byteLength))).toBeLessThanOrEqual(8_192);
    }
  });
});

describe('backpressure', () => {
  const chunk = Buffer.alloc(65_536, hex`8900`);

  test.each([1, 16, 100])(
    'one 64 KiB chunk of 2-byte frames queues at most the high-water mark of %d plus one',
    async (mark) => {
      const decoder = new FrameDecoder({ role: 'client', readableHighWaterMark: mark });
      let longest = 0;
      let count = 0;
      decoder.write(chunk);
      await turns(2);
      longest = decoder.readableLength;
      decoder.on('data', () => {
        count++;
        longest = Math.max(longest, decoder.readableLength);
        if (count % 3 === 0) {
          decoder.pause();
          setImmediate(() => decoder.resume());
        }
      });
      decoder.end();
      await new Promise((resolve) => decoder.on('end', resolve));
      expect(count).toBe(32_768);
      expect(longest).toBeLessThanOrEqual(mark + 1);
    },
  );

  test('a reader that has stopped stops the writer within the chunk', async () => {
    const decoder = client();
    let done = 0;
    decoder.write(chunk, () => done++);
    await turns(5);
    expect([done, decoder.readableLength]).toEqual([0, 16]);
  });

  test.each(LIBRARIES)('1,000 random cuts and slow $library readers lose nothing and never stall', async (library) => {
    const random = repeatable(7);
    const frames = Array.from({ length: 40 }, (_, at) =>
      at % 4 === 0 ? ping(`${at}`) : binary(Buffer.alloc(random(90), at)),
    );
    const wire = Buffer.concat(frames.map((frame) => wireOf(frame, { key: KEY })));
    for (let run = 0; run < 1_000; run++) {
      const cuts = Array.from({ length: random(30) }, () => random(wire.length + 1)).sort((a, b) => a - b);
      const seen: Frame[] = [];
      const decoder = new FrameDecoder({ role: 'server', readableHighWaterMark: 1 + random(8) });
      const source = library.Readable.from(cutAt(wire, cuts));
      const { ended } = pipelineEnd(
        library,
        source,
        decoder,
        slowWriter(library, (at) => (at + run) % 13 === 0, seen),
      );
      expect(await ended).toBeNull();
      expect(sameFrames(seen, frames)).toBe(true);
    }
  });

  test('destroyed while it is parked, it calls back once', async () => {
    const decoder = client();
    const heard: unknown[] = [];
    decoder.write(chunk, (error) => heard.push((error as NodeJS.ErrnoException | null)?.code));
    await turns(1);
    decoder.destroy();
    decoder.read();
    await turns(3);
    expect(heard).toEqual(['ERR_STREAM_DESTROYED']);
  });
});

test('destroyed, it lets go of what has come of a frame', async () => {
  const decoder = client();
  decoder.write(hex`82 7f 0000000001000000`);
  for (let i = 0; i < 8; i++) decoder.write(Buffer.alloc(1 << 20));
  await turns(1);
  const before = bufferedBytes();
  decoder.destroy();
  await turns(1);
  expect(before - bufferedBytes()).toBeGreaterThan(7 << 20);
  expect(decoder.destroyed).toBe(true);
});

describe('violations', () => {
  const found = PROVOCATIONS.filter(({ foundBy }) => foundBy === 'frames');

  test.each(found)('$name destroys it, after the frames before it, read by a $role', async ({ name, role, wire }) => {
    const messages: unknown[] = [];
    for (const chunks of [[wire], byteByByte(wire)]) {
      const decoder = new FrameDecoder({ role, maxFrameBytes: PROVOKED_LIMITS.maxFrameBytes });
      const frames: Frame[] = [];
      decoder.on('data', (frame: Frame) => frames.push(frame));
      const failed = failureOf(decoder);
      for (const chunk of chunks) decoder.write(chunk, () => {});
      const error = await failed;
      expect(error.code).toBe(`ERR_WS_${name}`);
      messages.push([error.message, frames.map(labelOf)]);
    }
    expect(messages[1]).toEqual(messages[0]);
  });

  test('RSV1 is one unless permessage-deflate was agreed on', async () => {
    const decoder = new FrameDecoder({ role: 'client', extensions: [{ name: 'x-other' }] });
    decoder.write(hex`c1 01 41`);
    expect(await failureOf(decoder)).toBeInstanceOf(ProtocolError);
  });

  test('frames up to 16 MiB pass at the defaults, one byte more fails on the header', async () => {
    const decoder = client();
    decoder.write(hex`82 7f 0000000001000000`);
    await turns(1);
    expect(decoder.destroyed).toBe(false);
    const other = client();
    other.write(hex`82 7f 0000000001000001`);
    expect(await failureOf(other)).toMatchObject({ code: 'ERR_WS_FRAME_TOO_BIG', closeCode: 1009 });
  });
});

describe('the end of the wire', () => {
  const wire = hex`01 03 48656c 89 05 48656c6c6f 80 02 6c6f`;

  test('within a frame or a message it is ERR_WS_CUT_OFF, at every place, and says which frame and where it began', async () => {
    const headers = [0, 5, 12];
    for (let size = 1; size < wire.length; size++) {
      const decoder = client();
      decoder.resume();
      decoder.end(wire.subarray(0, size));
      const offset = headers.findLast((at) => at < size) ?? 0;
      const facts = { offset, frame: headers.indexOf(offset) };
      expect(await failureOf(decoder)).toMatchObject({ code: 'ERR_WS_CUT_OFF', closeCode: 1006, facts });
    }
  });

  test('after a message, or before the first byte, it is the end', async () => {
    expect(await decoded(client(), [])).toEqual([]);
    expect(await decoded(client(), [wire])).toHaveLength(3);
  });
});

test.each([
  [undefined, 'FrameDecoder'],
  [{}, 'role'],
  [{ role: 'peer' }, 'role'],
  [{ role: 'server', unmask: 'fast' }, 'unmask'],
  [{ role: 'server', maxFrameBytes: -1 }, 'maxFrameBytes'],
  [{ role: 'server', maxFrameBytes: '10' }, 'maxFrameBytes'],
  [{ role: 'server', readableHighWaterMark: -1 }, 'readableHighWaterMark'],
  [{ role: 'server', readableHighWaterMark: Number.NaN }, 'readableHighWaterMark'],
  [{ role: 'server', extensions: 'permessage-deflate' }, 'extensions'],
])('the options %j are a UsageError that names %s', (options, name) => {
  const error = thrownBy(() => new FrameDecoder(options as never)) as UsageError;
  expect(error).toBeInstanceOf(UsageError);
  expect(error.message).toMatch(new RegExp(`^${name} `));
});
