import { readFileSync } from 'node:fs';
import wabt from 'wabt';
import { Opcode } from '../../../src/codec/frame.js';
import { maskOracle } from '../../../src/codec/mask-oracle.js';
import { STEP_BYTES, VectorKernel } from '../../../src/codec/mask-vector.js';
import { binary, wireOf } from '../../support/frames.js';
import { hex, repeatable } from '../../support/wire.js';

const KEY = 0x3d21fa37;
const NOISE = Uint8Array.from({ length: 70_000 }, repeatable(5).bind(null, 256));

/** Around one instruction, one turn of the loop, one step and two of them. */
const SIZES = [1, 15, 16, 17, 63, 64, 65, 1_000, 16_383, 16_384, 16_385, 16_448, 32_768, 32_769, 50_001];

function kernel(): VectorKernel {
  const made = new VectorKernel();
  expect(made.isAvailable).toBe(true);
  return made;
}

test.each(SIZES)('%d bytes equal the oracle, in place and in another place, and their neighbours stay', (size) => {
  const vectors = kernel();
  for (const [start, at] of [
    [0, 0],
    [7, 3],
    [64, 129],
  ] as const) {
    const source = Uint8Array.from(NOISE);
    const masked = source.slice(start, start + size);
    maskOracle(masked, KEY, 0);

    const target = new Uint8Array(70_000).fill(9);
    vectors.xor(source, start, size, KEY, target, at);
    expect(Buffer.compare(source, NOISE)).toBe(0);
    expect(Buffer.compare(target, around(new Uint8Array(70_000).fill(9), masked, at))).toBe(0);

    vectors.xor(source, start, size, KEY, source, start);
    expect(Buffer.compare(source, around(Uint8Array.from(NOISE), masked, start))).toBe(0);
  }
});

function around(background: Uint8Array, middle: Uint8Array, at: number): Uint8Array {
  background.set(middle, at);
  return background;
}

test('runs of different sizes one after another do not see each other', () => {
  const vectors = kernel();
  const bytes = Uint8Array.from(NOISE);
  for (const size of [600, 40_000, 600, 601, 5, 16_384, 600]) {
    vectors.xor(bytes, 100, size, KEY, bytes, 100);
    vectors.xor(bytes, 100, size, KEY, bytes, 100);
    expect(Buffer.compare(bytes, NOISE)).toBe(0);
  }
});

describe('frames', () => {
  const noise = (size: number) => Buffer.from(NOISE.subarray(0, size));
  const framed = (size: number, opcode: 'text' | 'binary' = 'binary') =>
    wireOf({ ...binary(noise(size)), opcode: Opcode[opcode] }, { key: hex`37fa213d` });

  /** What is left of `wire` in another place when its frames are unmasked: their bytes, headers included. */
  function taken(wire: Buffer, given: Partial<Record<'first' | 'most' | 'start' | 'size', number>> = {}): Buffer {
    const { first = 0x82, most = 1_024, start = 0 } = given;
    const { size = wire.length - start } = given;
    const vectors = kernel();
    const before = Buffer.from(wire);
    const length = vectors.frames(wire, start, size, first, most);
    expect(wire.equals(before)).toBe(true);
    const target = Buffer.alloc(size + 40, 9);
    vectors.takeFrames(length, target, 20);
    expect(target.subarray(0, 20).every((byte) => byte === 9)).toBe(true);
    expect(target.subarray(20 + length).every((byte) => byte === 9)).toBe(true);
    return target.subarray(20, 20 + length);
  }

  /** The frame of `size` bytes of noise with its payload unmasked and its header as it was. */
  function unmasked(size: number): Buffer {
    const frame = framed(size);
    noise(size).copy(frame, frame.length - size);
    return frame;
  }

  test('every payload of 0 to 400 bytes and of up to 1 KiB is unmasked, between neighbours', () => {
    const sizes = [...Array.from({ length: 401 }, (_, size) => size), 1_000, 1_009, 1_023, 1_024];
    for (const size of sizes) {
      const wire = Buffer.concat([framed(3), framed(size), framed(17), framed(1)]);
      expect(taken(wire).equals(Buffer.concat([3, size, 17, 1].map(unmasked)))).toBe(true);
    }
  });

  test('a step full of frames, from any place on', () => {
    const sizes = Array.from({ length: 700 }, (_, at) => at % 37);
    const wire = Buffer.concat([noise(5), ...sizes.map((size) => framed(size))]);
    const got = taken(wire, { start: 5, size: STEP_BYTES });
    expect(Buffer.concat(sizes.map(unmasked)).subarray(0, got.length).equals(got)).toBe(true);
    expect(got.length).toBeGreaterThan(STEP_BYTES - 50);
  });

  test.each<[string, Buffer]>([
    ['is not whole', framed(200).subarray(0, -1)],
    ['has only its header', framed(200).subarray(0, 8)],
    ['has only a part of its length', framed(200).subarray(0, 3)],
    ['has only its first byte', framed(1).subarray(0, 1)],
    ['is of another kind', framed(5, 'text')],
    ['has a reserved bit', hex`c2 83 37fa213d 000000`],
    ['is a fragment', hex`02 83 37fa213d 000000`],
    ['is not masked', hex`82 05 37fa213d 00000000`],
    ['is not masked, and would be as long as a longer form', hex`82 7e 0080 ${noise(200)}`],
    ['is larger than is allowed', framed(1_025)],
    ['has a 64-bit length', hex`82 ff 0000000000010000 37fa213d ${noise(100)}`],
    ['has a length in 16 bits that 7 would do for', hex`82 fe 007d 37fa213d ${noise(125)}`],
  ])('they end before one that %s', (_, bad) => {
    for (const before of [[], [4], [126, 3]]) {
      const wire = Buffer.concat([...before.map((size) => framed(size)), bad, framed(5)]);
      const whole = Buffer.concat([...before.map((size) => framed(size)), bad]);
      const expected = Buffer.concat(before.map(unmasked));
      expect(taken(wire.subarray(0, whole.length)).equals(expected)).toBe(true);
      // What follows a frame that is whole changes nothing.
      if (bad.length > 8 && bad.length !== 207) expect(taken(wire).equals(expected)).toBe(true);
    }
  });

  test('the most that is allowed is the caller’s', () => {
    const wire = Buffer.concat([framed(10), framed(11)]);
    expect(taken(wire, { most: 10 })).toHaveLength(16);
    expect(taken(wire, { most: 9 })).toHaveLength(0);
    expect(taken(wire, { most: 11 })).toHaveLength(33);
  });
});

test('a view of shared memory is masked as any other', () => {
  const bytes = new Uint8Array(new SharedArrayBuffer(1_000));
  kernel().xor(bytes, 0, 1_000, KEY, bytes, 0);
  const expected = new Uint8Array(1_000);
  maskOracle(expected, KEY, 0);
  expect(Buffer.compare(bytes, expected)).toBe(0);
});

test.each([
  ['no WebAssembly', undefined],
  ['WebAssembly without vectors', { Module: refuse, Instance: refuse }],
])('%s: not available', (_, standIn) => {
  const before = Object.getOwnPropertyDescriptor(globalThis, 'WebAssembly') as PropertyDescriptor;
  Object.defineProperty(globalThis, 'WebAssembly', { ...before, value: standIn });
  try {
    expect(new VectorKernel().isAvailable).toBe(false);
  } finally {
    Object.defineProperty(globalThis, 'WebAssembly', before);
  }
});

test('it is found out once', () => {
  const before = Object.getOwnPropertyDescriptor(globalThis, 'WebAssembly') as PropertyDescriptor;
  let tries = 0;
  class Module {
    constructor() {
      tries++;
      refuse();
    }
  }
  Object.defineProperty(globalThis, 'WebAssembly', { ...before, value: { Module, Instance: refuse } });
  try {
    const vectors = new VectorKernel();
    expect([vectors.isAvailable, vectors.isAvailable, tries]).toEqual([false, false, 1]);
  } finally {
    Object.defineProperty(globalThis, 'WebAssembly', before);
  }
});

function refuse(): never {
  throw new TypeError('invalid code');
}

test('the code is what mask-vector.wat assembles to', async () => {
  const { parseWat } = await wabt();
  const unit = parseWat('mask-vector.wat', readFileSync('src/codec/mask-vector.wat', 'utf8'), { simd: true });
  const code = Buffer.from(unit.toBinary({}).buffer).toString('base64');
  expect(readFileSync('src/codec/mask-vector.ts', 'utf8')).toContain(`'${code}'`);
});
