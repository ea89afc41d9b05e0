import fc from 'fast-check';
import { copyUnmasked, type Mask, MaskWindow, rotate, unmask } from '../../../src/codec/mask.js';
import { maskOracle } from '../../../src/codec/mask-oracle.js';
import { VectorKernel } from '../../../src/codec/mask-vector.js';
import { hex, repeatable } from '../../support/wire.js';

const KEY = 0x3d21fa37;
const NOISE = Uint8Array.from({ length: 40_000 }, repeatable(1).bind(null, 256));

/** A window used for one run only, as a Mask. */
const freshWindow: Mask = (bytes, key, phase = 0) => {
  new MaskWindow(bytes).xor(0, bytes.length, key, phase);
  return (phase + bytes.length) & 3;
};

/** A window whose view exists already, because an earlier run was long enough: the run lies behind it. */
const warmWindow: Mask = (bytes, key, phase = 0) => {
  const margin = 67;
  const wide = new Uint8Array(bytes.buffer, bytes.byteOffset - margin, bytes.length + margin);
  const window = new MaskWindow(wide);
  window.xor(0, margin, key, phase);
  window.xor(margin, wide.length, key, phase);
  return (phase + bytes.length) & 3;
};

/** `size` bytes of noise at `alignment`, with room on both sides. */
function noiseAt(alignment: number, size: number): Uint8Array {
  const memory = NOISE.slice(0, size + 144);
  return memory.subarray(72 + alignment, 72 + alignment + size);
}

describe.each([
  ['unmask', unmask],
  ['a fresh MaskWindow', freshWindow],
  ['a MaskWindow with its view made', warmWindow],
])('%s', (_, kernel) => {
  test('equals the oracle at every alignment, phase and length from 0 to 515', () => {
    const wrong: string[] = [];
    for (let alignment = 0; alignment < 8; alignment++) {
      for (let size = 0; size <= 515; size++) {
        const phase = (size + (alignment >> 2)) & 3;
        for (const turned of [phase, phase ^ 2]) {
          const bytes = noiseAt(alignment, size);
          const expected = Uint8Array.from(bytes);
          const same = kernel(bytes, KEY, turned) === maskOracle(expected, KEY, turned);
          if (!same || Buffer.compare(bytes, expected) !== 0) wrong.push(`${alignment}, ${turned}, ${size}`);
        }
      }
    }
    expect(wrong).toEqual([]);
  });

  test('equals the oracle at every alignment and phase where another kernel takes over, and far beyond', () => {
    const wrong: string[] = [];
    for (const size of [511, 512, 513, 639, 640, 641, 2_048, 16_383, 16_385, 39_000]) {
      for (let at = 0; at < 8 * 4; at++) {
        const [alignment, phase] = [at & 7, at >> 3];
        const bytes = noiseAt(alignment, size);
        const expected = Uint8Array.from(bytes);
        const same = kernel(bytes, KEY, phase) === maskOracle(expected, KEY, phase);
        if (!same || Buffer.compare(bytes, expected) !== 0) wrong.push(`${alignment}, ${phase}, ${size}`);
      }
    }
    expect(wrong).toEqual([]);
  });

  test('at lengths from 0 to 70 every phase is tried at every alignment', () => {
    const wrong: string[] = [];
    for (let at = 0; at < 8 * 4 * 71; at++) {
      const [alignment, phase, size] = [at & 7, (at >> 3) & 3, at >> 5];
      const bytes = noiseAt(alignment, size);
      const expected = Uint8Array.from(bytes);
      maskOracle(expected, KEY, phase);
      kernel(bytes, KEY, phase);
      if (Buffer.compare(bytes, expected) !== 0) wrong.push(`${alignment}, ${phase}, ${size}`);
    }
    expect(wrong).toEqual([]);
  });

  test('equals the oracle for any key, signed or not', () => {
    const law = fc.property(fc.integer(), fc.integer({ min: 0, max: 3 }), fc.nat({ max: 900 }), (key, phase, size) => {
      const bytes = noiseAt(0, size);
      const expected = Uint8Array.from(bytes);
      maskOracle(expected, key, phase);
      kernel(bytes, key >>> 0, phase);
      expect(Buffer.compare(bytes, expected)).toBe(0);
    });
    fc.assert(law, { numRuns: 200 });
  });

  test('masking twice is the identity', () => {
    const bytes = noiseAt(3, 500);
    const before = Uint8Array.from(bytes);
    kernel(bytes, KEY, 1);
    kernel(bytes, KEY, 1);
    expect(bytes).toEqual(before);
  });
});

test('masking in parts equals masking at once: each part hands its phase to the next', () => {
  const law = fc.property(fc.array(fc.nat({ max: 200 }), { maxLength: 8 }), fc.integer(), (sizes, key) => {
    const total = sizes.reduce((sum, size) => sum + size, 0);
    const inParts = Uint8Array.from(NOISE.subarray(0, total));
    const atOnce = Uint8Array.from(inParts);
    let phase = 0;
    let at = 0;
    for (const size of sizes) {
      phase = unmask(inParts.subarray(at, at + size), key, phase);
      at += size;
    }
    expect(unmask(atOnce, key)).toBe(phase);
    expect(Buffer.compare(inParts, atOnce)).toBe(0);
  });
  fc.assert(law, { numRuns: 300 });
});

test('a window touches only the run that it is given, wherever the runs lie', () => {
  const runs = fc.array(
    fc.tuple(fc.nat({ max: 90 }), fc.nat({ max: 90 }), fc.integer(), fc.integer({ min: 0, max: 3 })),
  );
  const rooms = fc.constantFrom(400, NOISE.length);
  const law = fc.property(runs, fc.nat({ max: 7 }), rooms, (list, alignment, room) => {
    const bytes = Uint8Array.from(NOISE.subarray(0, room)).subarray(alignment);
    const expected = Uint8Array.from(bytes);
    const window = new MaskWindow(bytes);
    let at = 0;
    for (const [gap, size, key, phase] of list) {
      const start = Math.min(at + gap, bytes.length);
      at = Math.min(start + size, bytes.length);
      window.xor(start, at, key, phase);
      maskOracle(expected.subarray(start, at), key, phase);
    }
    expect(Buffer.compare(bytes, expected)).toBe(0);
  });
  fc.assert(law, { numRuns: 300 });
});

test('a window copies from another buffer and masks on the way, at any size and phase', () => {
  const sizes = fc.oneof(fc.nat({ max: 200 }), fc.integer({ min: 600, max: 700 }), fc.nat({ max: 20_000 }));
  const law = fc.property(
    sizes,
    fc.nat({ max: 70 }),
    fc.nat({ max: 70 }),
    fc.nat({ max: 3 }),
    (size, from, to, phase) => {
      const source = Buffer.from(NOISE.subarray(0, from + size + 5));
      const window = new MaskWindow(Buffer.alloc(to + size + 5, 3));
      window.copy(source, from, size, to, KEY, phase);
      const expected = Buffer.from(source.subarray(from, from + size));
      maskOracle(expected, KEY, phase);
      expect(window.bytes.equals(Buffer.concat([Buffer.alloc(to, 3), expected, Buffer.alloc(5, 3)]))).toBe(true);
      expect(source.equals(NOISE.subarray(0, from + size + 5))).toBe(true);
    },
  );
  fc.assert(law, { numRuns: 300 });
});

/** What `copyUnmasked` puts between bytes that must stay. */
function copied(size: number, from: number, phase: number, key: number): Buffer {
  const source = Buffer.from(NOISE.subarray(0, from + size + 5));
  const target = Buffer.alloc(size + 10, 3);
  copyUnmasked(source, from, size, target, 5, rotate(key, phase));
  expect(source.equals(NOISE.subarray(0, from + size + 5))).toBe(true);
  return target;
}

test.each([0, 1, 3, 63, 64, 65, 1_000, 16_384, 16_385])('copyUnmasked equals the oracle: %i bytes', (size) => {
  for (const [from, phase] of [
    [0, 0],
    [3, 1],
    [6, 2],
    [1, 3],
  ] as const) {
    for (const key of [KEY, 0]) {
      const expected = Buffer.from(NOISE.subarray(from, from + size));
      maskOracle(expected, key, phase);
      const all = Buffer.concat([Buffer.alloc(5, 3), expected, Buffer.alloc(5, 3)]);
      expect(copied(size, from, phase, key).equals(all)).toBe(true);
    }
  }
});

describe('where vectors are not to be had', () => {
  const before = Object.getOwnPropertyDescriptor(VectorKernel.prototype, 'isAvailable') as PropertyDescriptor;
  beforeEach(() => {
    Object.defineProperty(VectorKernel.prototype, 'isAvailable', { ...before, get: () => false });
  });
  afterEach(() => {
    Object.defineProperty(VectorKernel.prototype, 'isAvailable', before);
  });

  /** A copy to another place and back, as a Mask. */
  const copyingThere: Mask = (bytes, key, phase = 0) => {
    const target = Buffer.alloc(bytes.length);
    copyUnmasked(Buffer.from(bytes), 0, bytes.length, target, 0, rotate(key, phase));
    bytes.set(target);
    return (phase + bytes.length) & 3;
  };

  /** A copy into a window, as a Mask. */
  const copyingWindow: Mask = (bytes, key, phase = 0) => {
    const source = Buffer.from(bytes);
    const window = new MaskWindow(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length));
    window.copy(source, 0, source.length, 0, key, phase);
    return (phase + bytes.length) & 3;
  };

  test.each([
    ['unmask', unmask],
    ['a fresh MaskWindow', freshWindow],
    ['a MaskWindow with its view made', warmWindow],
    ['a copy into a MaskWindow', copyingWindow],
    ['copyUnmasked', copyingThere],
  ])('%s equals the oracle all the same', (_, kernel) => {
    for (const size of [47, 63, 64, 100, 2_047, 2_048, 20_000]) {
      const bytes = noiseAt(size & 7, size);
      const expected = Uint8Array.from(bytes);
      expect(kernel(bytes, KEY, 3)).toBe(maskOracle(expected, KEY, 3));
      expect(Buffer.compare(bytes, expected)).toBe(0);
    }
  });
});

test('RFC 6455 §5.7: 37fa213d unmasks 7f9f4d5158 to "Hello"', () => {
  const bytes = hex`7f9f4d5158`;
  expect(unmask(bytes, hex`37fa213d`.readInt32LE(0))).toBe(1);
  expect(bytes.toString()).toBe('Hello');
});

test('the oracle begins at phase 0 when nothing else is said, and gives the next one', () => {
  const bytes = Buffer.from([0, 0, 0, 0, 0]);
  expect([maskOracle(bytes, 0x04030201), [...bytes]]).toEqual([1, [1, 2, 3, 4, 1]]);
});
