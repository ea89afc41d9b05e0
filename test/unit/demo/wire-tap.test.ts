import { type FrameDescription, WireTap } from '../../../src/demo/wire-tap.js';

/** Every frame in its last state, in order. */
function tapped(chunks: Iterable<Buffer>, previewBytes = 256): FrameDescription[] {
  const frames: FrameDescription[] = [];
  const tap = new WireTap((frame) => (frames[frame.number] = frame), { previewBytes, now: () => 7 });
  for (const chunk of chunks) tap.push(chunk);
  return frames;
}

const hex = (text: string) => Buffer.from(text.replaceAll(' ', ''), 'hex');

test('the tutorial vector is the masked text frame "MDN"', () => {
  expect(tapped([Buffer.from([129, 131, 61, 84, 35, 6, 112, 16, 109])])).toEqual([
    {
      number: 0,
      offset: 0,
      at: 7,
      fin: true,
      rsv1: false,
      rsv2: false,
      rsv3: false,
      opcode: 1,
      form: '7',
      length: 3,
      key: '3d542306',
      headerBytes: 6,
      arrived: 3,
      wire: '81833d54230670106d',
      payload: Buffer.from('MDN').toString('hex'),
    },
  ]);
});

test('the descriptions are the same however the wire is cut', () => {
  const wire = Buffer.concat([
    hex('01 83 37fa213d 7f9f4d'), // masked, first fragment
    hex('89 00'), // ping between the fragments
    hex('80 7e 0080'), // unmasked, 7+16
    Buffer.alloc(128, 'x'),
    hex('f3 80 01020304'), // reserved opcode and bits, empty
  ]);
  const whole = tapped([wire]);
  expect(whole.map(({ opcode, fin, length, form, offset }) => ({ opcode, fin, length, form, offset }))).toEqual([
    { opcode: 1, fin: false, length: 3, form: '7', offset: 0 },
    { opcode: 9, fin: true, length: 0, form: '7', offset: 9 },
    { opcode: 0, fin: true, length: 128, form: '7+16', offset: 11 },
    { opcode: 3, fin: true, length: 0, form: '7', offset: 143 },
  ]);
  for (let cut = 1; cut < wire.length; cut++) {
    expect(tapped([wire.subarray(0, cut), wire.subarray(cut)])).toEqual(whole);
  }
  expect(tapped([...wire].map((byte) => Buffer.from([byte])))).toEqual(whole);
});

test('a frame that has not all arrived is described as far as it is there', () => {
  const frames = tapped([hex('82 7f 0000000000010000 aabb')]);
  expect(frames).toMatchObject([{ form: '7+64', length: 65_536, arrived: 2, headerBytes: 10, payload: 'aabb' }]);
});

test('a length of 2^62 is a number on the screen, not an allocation', () => {
  expect(tapped([hex('82 7f 4000000000000000')])).toMatchObject([{ length: 2 ** 62, arrived: 0, payload: '' }]);
});

test('the preview is bounded; the counts are not', () => {
  const [frame] = tapped([Buffer.concat([hex('82 7e 03e8'), Buffer.alloc(1000, 1)])], 20);
  expect(frame).toMatchObject({ length: 1000, arrived: 1000, payload: '01'.repeat(16) });
  expect(frame?.wire).toHaveLength(40);
});

test('only data frames count as data', () => {
  const tap = new WireTap(() => {});
  tap.push(hex('89 02 0102 82 03 010203 00 01 ff'));
  expect(tap.dataBytes).toBe(4);
});

test('the tap never writes into the bytes that pass', () => {
  const wire = hex('81 85 37fa213d 7f9f4d5158');
  const copy = Buffer.from(wire);
  tapped([wire]);
  expect(wire).toEqual(copy);
});
