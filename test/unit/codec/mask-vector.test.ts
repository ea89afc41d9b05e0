import { readFileSync } from 'node:fs';
import wabt from 'wabt';
import { maskOracle } from '../../../src/codec/mask-oracle.js';
import { VectorKernel } from '../../../src/codec/mask-vector.js';
import { repeatable } from '../../support/wire.js';

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
