import fc from 'fast-check';
import { Opcode } from '../../../src/codec/frame.js';
import { FrameWriter } from '../../../src/codec/frame-writer.js';
import { firstByte } from '../../../src/codec/header.js';
import { maskOracle } from '../../../src/codec/mask-oracle.js';
import { VECTORS } from '../../../src/codec/mask-vector.js';
import { chunkings, cutBy, frameSequences, texts } from '../../support/arbitraries.js';
import { binary, frameOf, labelOf, ping, readWire, sameFrames, text, wireOf } from '../../support/frames.js';
import { framesOf } from '../../support/parsing.js';
import { hex, repeatable } from '../../support/wire.js';

const KEY = 0x3d21fa37;
const masked = () => new FrameWriter('client', () => KEY);
const times = (count: number, size: number) => new Array<number>(count).fill(size);
const bytesOf = (writer: FrameWriter) => writer.takeOnly() ?? Buffer.concat(writer.take());
const framesIn = (writer: FrameWriter) => readWire(bytesOf(writer)).map(({ frame }) => frame);
const startsOf = (wire: Buffer) => {
  const sizes = readWire(wire).map(({ size }) => size);
  return sizes.map((_, at) => sizes.slice(0, at).reduce((sum, size) => sum + size, 0));
};

describe.each(['client', 'server'] as const)('a %s', (role) => {
  const peer = role === 'client' ? 'server' : 'client';

  test('writes what its peer’s parser reads back: decoding after encoding is the identity at every chunking', () => {
    const cases = fc.tuple(frameSequences({ maxBytes: 70_000 }), chunkings(), fc.constantFrom('copy', 'in-place'));
    const law = fc.property(cases, ([{ frames }, chunking, mode]) => {
      const writer = new FrameWriter(role);
      for (const frame of frames) writer.add(frame);
      const bytes = bytesOf(writer);
      const chunks = cutBy(chunking, { bytes, starts: startsOf(bytes) });
      expect(sameFrames(framesOf(chunks, { role: peer, mode }), frames)).toBe(true);
    });
    fc.assert(law, { numRuns: 120 });
  });

  test('uses the shortest form of the length, and masks every frame or none', () => {
    const writer = new FrameWriter(role);
    const sizes = [0, 1, 125, 126, 127, 65_535, 65_536, 70_000];
    for (const size of sizes) writer.add(binary(Buffer.alloc(size)));
    const read = readWire(bytesOf(writer));
    expect(read.map(({ lengthBytes }) => lengthBytes)).toEqual([0, 0, 0, 2, 2, 2, 8, 8]);
    expect(read.map(({ key }) => key !== null)).toEqual(sizes.map(() => role === 'client'));
  });

  test('addText writes the same bytes as a text frame, of any text', () => {
    const values = fc.oneof(texts(), fc.string(), fc.constantFrom('\ud800', 'a\udc00b', 'é'.repeat(9_000)));
    const law = fc.property(values, (value) => {
      const [direct, framed] = [new FrameWriter(role, () => KEY), new FrameWriter(role, () => KEY)];
      direct.addText(value);
      framed.add(text(value));
      expect(bytesOf(direct).equals(bytesOf(framed))).toBe(true);
    });
    fc.assert(law, { numRuns: 150 });
  });

  test('addCopy writes a copy of a payload, masked still or not, as its peer reads it back', () => {
    const payload = Buffer.from(Array.from({ length: 66_000 }, (_, at) => at * 31));
    for (const size of [0, 1, 15, 64, 125, 126, 700, 4_097, 66_000]) {
      const copy = frameOf(2, payload.subarray(0, size), { rsv1: true });
      for (const key of [0, 0x1badcafe, KEY]) {
        const source = hex`eeeeee ${copy.payload} ee`;
        maskOracle(source.subarray(3, 3 + size), key);
        const writer = new FrameWriter(role, () => KEY);
        writer.addText('before');
        writer.addCopy(firstByte(Opcode.binary, true, 4), source, 3, size, key);
        source.fill(0);
        writer.addText('behind');
        expect(sameFrames(framesIn(writer), [text('before'), copy, text('behind')])).toBe(true);
      }
    }
  });

  test('block is the memory of the frames that were copied last, which takeOnly gives', () => {
    const writer = new FrameWriter(role);
    writer.add(binary(Buffer.alloc(300)));
    const { block } = writer;
    const bytes = writer.takeOnly();
    expect([block.bytes.subarray(0, bytes?.length), null]).toEqual([bytes, writer.takeOnly()]);
    block.bytes.fill(7);
    expect(new Set(bytes as Buffer)).toEqual(new Set([7]));
  });

  test('pendingBytes is what take gives', () => {
    const writer = new FrameWriter(role);
    for (const size of [3, 20_000, 0, 70_000, 16_384]) {
      writer.add(binary(Buffer.alloc(size)));
      writer.addWire(hex`8900`);
    }
    const before = writer.pendingBytes;
    expect([bytesOf(writer).length, writer.pendingBytes, writer.take()]).toEqual([before, 0, []]);
  });
});

test('RFC 6455 §5.7, as a client and as a server', () => {
  const client = masked();
  client.addText('Hello');
  expect(bytesOf(client)).toEqual(hex`81 85 37fa213d 7f9f4d5158`);
  const server = new FrameWriter('server');
  server.add(text('Hel', false));
  server.add(frameOf(Opcode.continuation, 'lo'));
  server.add(ping('Hello'));
  expect(bytesOf(server)).toEqual(hex`01 03 48656c 80 02 6c6f 89 05 48656c6c6f`);
});

test('reserved bits are written as they are given', () => {
  const writer = new FrameWriter('server');
  for (const bits of [{ rsv1: true }, { rsv2: true }, { rsv3: true }]) writer.add(frameOf(1, '', bits));
  expect(bytesOf(writer)).toEqual(hex`c100 a100 9100`);
});

test('small frames share one buffer; a large payload of a server is passed on between two', () => {
  const writer = new FrameWriter('server');
  const large = Buffer.alloc(4_097, 1);
  writer.addText('a');
  writer.addPayload(firstByte(Opcode.binary, true, 0), large);
  for (const value of ['b', 'c']) writer.addText(value);
  const taken = writer.take();
  expect(taken.map(({ length }) => length)).toEqual([3 + 4, 4_097, 6]);
  expect(taken[1]).toBe(large);
});

test.each([
  ['64 KiB of copies', times(16, 4_096)],
  ['512 KiB that are passed on', times(4, 131_072)],
  ['512 KiB of both', [...times(3, 131_072), 120_000, 4_096, 4_096, 3_000]],
  ['64 KiB of copies, before and behind what is passed on', [...times(10, 4_096), 5_000, ...times(6, 4_096)]],
])('%s are a batch, and less is none', (_, sizes) => {
  const writer = new FrameWriter('server');
  const isBatch = sizes.map((size) => {
    writer.addWire(Buffer.alloc(size));
    return writer.isBatch;
  });
  expect(isBatch.indexOf(true)).toBe(sizes.length - 1);
  expect([writer.take().length > 0, writer.isBatch]).toEqual([true, false]);
});

test('wire that is ready is passed through in its place, small or large', () => {
  const writer = new FrameWriter('server');
  const large = hex`82 7e 4e20 ${Buffer.alloc(20_000, 5)}`;
  writer.addText('a');
  writer.addWire(hex`8900`);
  writer.addWire(large);
  writer.addText('b');
  expect(framesIn(writer).map(labelOf)).toEqual(['1 61', '9 ', '2 20000 bytes', '1 62']);
});

describe('4 KiB are copied next to their neighbours, more is passed on in a piece of its own', () => {
  const large = 'a'.repeat(4_097);

  test.each([
    ['4 KiB', 'a'.repeat(4_096), [3, 4 + 4_096]],
    ['one byte more', large, [3 + 4, 4_097]],
  ])('the text of a server: %s', (_, value, lengths) => {
    const writer = new FrameWriter('server');
    for (const one of ['b', value]) writer.addText(one);
    expect(writer.take().map(({ length }) => length)).toEqual(lengths);
  });

  test('a client copies all, to mask it', () => {
    const writer = masked();
    writer.addText(large);
    expect(writer.take().map(({ length }) => length)).toEqual([8 + 4_097]);
  });

  test.each<[string, (writer: FrameWriter, bytes: Buffer) => void]>([
    ['ready wire', (writer, bytes) => writer.addWire(bytes)],
    ['payloads', (writer, bytes) => writer.add(binary(bytes))],
  ])('%s: what is passed on is not touched, what was copied may change', (_, add) => {
    const [short, long] = [Buffer.alloc(4_096, 1), Buffer.alloc(4_097, 1)];
    const writer = new FrameWriter('server');
    for (const bytes of [short, long]) add(writer, bytes);
    short.fill(2);
    const taken = writer.take();
    expect(taken[0]?.subarray(-4_096)).toEqual(Buffer.alloc(4_096, 1));
    expect(taken.at(-1)).toBe(long);
  });
});

describe('the block that a batch begins with', () => {
  const wire = hex`82 62 ${Buffer.alloc(98)}`;
  const batch = (writer: FrameWriter, count: number) => {
    for (let i = 0; i < count; i++) writer.addWire(wire);
    return [writer.takeOnly() ?? writer.take()].flat();
  };
  const heldBy = ([first]: readonly Buffer[]) => first?.buffer.byteLength;

  test('has the size of the batch before, though nothing was there to take meanwhile: the same again leaves as one buffer', () => {
    const writer = new FrameWriter('server');
    batch(writer, 100);
    expect([writer.take(), writer.take()]).toEqual([[], []]);
    for (const again of [batch(writer, 100), batch(writer, 100)])
      expect(again.map(({ length, buffer }) => [length, buffer.byteLength])).toEqual([[10_000, 10_000]]);
  });

  test('is not begun for the header of a large payload alone', () => {
    const writer = new FrameWriter('server');
    batch(writer, 2_000);
    writer.addPayload(firstByte(Opcode.binary, true, 0), Buffer.alloc(5_000));
    expect(heldBy(writer.take())).toBeLessThanOrEqual(8_192);
  });

  test('is small at first and after a small batch, and 72 KiB at most after a large one', () => {
    const writer = new FrameWriter('server');
    expect(heldBy(batch(writer, 1))).toBeLessThanOrEqual(8_192);
    batch(writer, 2_000);
    expect(heldBy(batch(writer, 1))).toBe(73_728);
    expect(heldBy(batch(writer, 1))).toBeLessThanOrEqual(8_192);
  });
});

test('a client asks for one key a frame, masks with it, and never writes into a payload', () => {
  const random = repeatable(5);
  const keys: string[] = [];
  const writer = new FrameWriter('client', () => {
    const bytes = Buffer.from([random(256), random(256), random(256), random(256)]);
    keys.push(bytes.toString('hex'));
    return bytes.readInt32LE(0);
  });
  const payloads = [0, 5, 200, 70_000].map((size) => Buffer.alloc(size, 0x5a));
  for (const payload of payloads) writer.add(binary(payload));
  const read = readWire(bytesOf(writer));
  expect(read.map(({ key }) => key)).toEqual(keys);
  expect(read.every(({ frame }, at) => payloads[at]?.equals(frame.payload))).toBe(true);
  expect(payloads.every((payload) => payload.every((byte) => byte === 0x5a))).toBe(true);
});

test('batches of any size follow each other without mixing', () => {
  const writer = new FrameWriter('server');
  for (const count of [1, 500, 2, 40_000, 1]) {
    for (let i = 0; i < count; i++) writer.addText(String(i % 10));
    const read = framesIn(writer);
    expect(read).toHaveLength(count);
    expect(read.every(({ payload }, at) => payload.toString() === String(at % 10))).toBe(true);
  }
});

test('addReframed writes what a server sends for the messages of a run, between others', () => {
  expect(VECTORS.isAvailable).toBe(true);
  const run = Array.from({ length: 40 }, (_, at) => binary(Buffer.alloc(at * 9, at)));
  const wire = Buffer.concat(run.map((frame) => wireOf(frame, { key: hex`37fa213d` })));
  const writer = new FrameWriter('server');
  for (const value of ['one', 'two']) {
    writer.addText(value);
    VECTORS.reframe(wire, 0, wire.length, 0x82, 1_024, false);
    writer.addReframed();
    writer.addText(value);
    expect(sameFrames(framesIn(writer), [text(value), ...run, text(value)])).toBe(true);
  }
});
