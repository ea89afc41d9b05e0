import { isAscii } from 'node:buffer';
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import wabt from 'wabt';
import { Opcode } from '../../../src/codec/frame.js';
import { maskOracle } from '../../../src/codec/mask-oracle.js';
import { STEP_BYTES, VectorKernel } from '../../../src/codec/mask-vector.js';
import { maskKeys } from '../../support/arbitraries.js';
import { binary, frameOf, wireOf } from '../../support/frames.js';
import { hex, repeatable } from '../../support/wire.js';

const KEY = 0x3d21fa37;
const KEY_BYTES = hex`37fa213d`;
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
    if (size > STEP_BYTES) continue;
    vectors.xorWhole(source.subarray(start, start + size), KEY);
    expect(Buffer.compare(source, NOISE)).toBe(0);
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

const noise = (size: number) => Buffer.from(NOISE.subarray(0, size));
const framed = (size: number, opcode: 'text' | 'binary' = 'binary') =>
  wireOf({ ...binary(noise(size)), opcode: Opcode[opcode] }, { key: KEY_BYTES });
type Given = Partial<Record<'first' | 'most' | 'start' | 'size', number>>;

/** The `length` bytes that `put` puts into a target of which nothing else changes. */
function putBy(put: (target: Buffer, at: number) => void, length: number): Buffer {
  const target = Buffer.alloc(length + 40, 9);
  put(target, 20);
  for (const side of [target.subarray(0, 20), target.subarray(-20)]) expect(side).toEqual(Buffer.alloc(20, 9));
  return target.subarray(20, -20);
}

/** What is left of `wire` in another place when its frames are unmasked: their bytes, headers included. */
function taken(
  wire: Buffer,
  { first = 0x82, most = 1_024, start = 0, size = wire.length - start }: Given = {},
): Buffer {
  const vectors = kernel();
  const before = Buffer.from(wire);
  const length = vectors.frames(wire, start, size, first, most);
  expect(wire.equals(before)).toBe(true);
  return putBy((target, at) => vectors.takeFrames(length, target, at), length);
}

/** The frame of `size` bytes of noise with its payload unmasked and its header as it was. */
function unmasked(size: number): Buffer {
  const frame = framed(size);
  noise(size).copy(frame, frame.length - size);
  return frame;
}

/** What `wire` is made into for a server to send, how many messages that is, and how many bytes of `wire`. */
function reframed(wire: Buffer, isText: boolean, given: Given = {}): [sent: Buffer, count: number, length: number] {
  const { first = isText ? 0x81 : 0x82, most = 1_024, start = 0, size = wire.length - start } = given;
  const vectors = kernel();
  const before = Buffer.from(wire);
  const length = vectors.reframe(wire, start, size, first, most, isText);
  expect(wire.equals(before)).toBe(true);
  return [putBy((target, at) => vectors.takeReframed(target, at), vectors.reframedBytes), vectors.reframed, length];
}

const sent = (payloads: readonly Buffer[], opcode: number, key?: Uint8Array) =>
  Buffer.concat(payloads.map((payload) => wireOf(frameOf(opcode, payload), { key })));

/** What `reframed` gives where these are the messages of the run. */
const runOf = (payloads: readonly Buffer[], opcode = 2) =>
  [sent(payloads, opcode), payloads.length, sent(payloads, opcode, KEY_BYTES).length] as const;

describe('frames in a row, unmasked where they are and made into what a server sends', () => {
  /** The run at the beginning of `wire` has frames of these sizes, and no other. */
  function expectRun(wire: Buffer, sizes: readonly number[], given?: Given): void {
    expect(taken(wire, given).equals(Buffer.concat(sizes.map(unmasked)))).toBe(true);
    expect(reframed(wire, false, given)).toEqual(runOf(sizes.map(noise)));
  }
  const wireFor = (sizes: readonly number[]) => Buffer.concat(sizes.map((size) => framed(size)));

  test('every payload of 0 to 400 bytes and of up to 1 KiB, between neighbours', () => {
    for (let size = 0; size <= 1_024; size += size === 400 ? 600 : size < 1_000 ? 1 : 3) {
      expectRun(wireFor([3, size, 17, 1]), [3, size, 17, 1]);
    }
  });

  test.each([0, 37])('a step full of them, from any place on: payloads of less than %d bytes', (most) => {
    const sizes = Array.from({ length: 2_900 }, (_, at) => (most === 0 ? 0 : at % most));
    const wire = hex`${noise(5)} ${wireFor(sizes)}`;
    const [, count, length] = reframed(wire, false, { start: 5, size: STEP_BYTES });
    expectRun(wire, sizes.slice(0, count), { start: 5, size: STEP_BYTES });
    expect(length).toBeGreaterThan(STEP_BYTES - 50);
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
      const wire = hex`${wireFor(before)} ${bad}`;
      expectRun(wire, before);
      // What follows a frame that is whole changes nothing.
      if (bad.length > 8 && bad.length !== 207) expectRun(hex`${wire} ${framed(5)}`, before);
    }
  });

  test('the most that is allowed is the caller’s', () => {
    expectRun(wireFor([10, 11]), [10], { most: 10 });
    expectRun(wireFor([10, 11]), [], { most: 9 });
    expectRun(wireFor([10, 11]), [10, 11], { most: 11 });
  });
});

describe('texts as a server sends them', () => {
  test.each([
    [1, 0],
    [16, 0],
    [16, 15],
    [40, 5],
    [40, 31],
    [40, 32],
    [1_000, 999],
  ])('end before one of %d bytes whose byte %d is not ASCII; binary messages do not', (size, at) => {
    for (const byte of [0x80, 0xff]) {
      const payloads = [20, size, 3].map((length) => Buffer.alloc(length, 'a'));
      payloads[1]?.fill(byte, at, at + 1);
      expect(reframed(sent(payloads, 1, KEY_BYTES), true)).toEqual(runOf(payloads.slice(0, 1), 1));
      expect(reframed(sent(payloads, 2, KEY_BYTES), false)).toEqual(runOf(payloads));
    }
  });

  test('or not, they are what the slow way makes of anything that a client sends', () => {
    const ascii = fc.string({ unit: 'binary-ascii', maxLength: 300 });
    const payload = fc
      .oneof({ weight: 9, arbitrary: ascii }, fc.string({ unit: 'binary' }))
      .map((text) => Buffer.from(text));
    const messages = fc.array(fc.tuple(payload, maskKeys()), { maxLength: 40 });
    const law = fc.property(messages, fc.constantFrom(1, 2), fc.nat({ max: 400 }), (all, opcode, most) => {
      const wire = Buffer.concat(all.map(([bytes, key]) => sent([bytes], opcode, key)));
      const count = all.findIndex(([bytes]) => bytes.length > most || (opcode === 1 && !isAscii(bytes)));
      const payloads = all.slice(0, count < 0 ? all.length : count).map(([bytes]) => bytes);
      expect(reframed(wire, opcode === 1, { most })).toEqual(runOf(payloads, opcode));
    });
    fc.assert(law, { numRuns: 200 });
  });
});

test('a view of shared memory is masked as any other', () => {
  const bytes = new Uint8Array(new SharedArrayBuffer(1_000));
  kernel().xor(bytes, 0, 1_000, KEY, bytes, 0);
  const expected = new Uint8Array(1_000);
  maskOracle(expected, KEY, 0);
  expect(Buffer.compare(bytes, expected)).toBe(0);
});

function withStandIn(standIn: unknown, run: () => void): void {
  const before = Object.getOwnPropertyDescriptor(globalThis, 'WebAssembly') as PropertyDescriptor;
  Object.defineProperty(globalThis, 'WebAssembly', { ...before, value: standIn });
  try {
    run();
  } finally {
    Object.defineProperty(globalThis, 'WebAssembly', before);
  }
}

test.each([
  ['no WebAssembly', undefined],
  ['WebAssembly without vectors', { Module: refuse, Instance: refuse }],
])('%s: not available', (_, standIn) => {
  withStandIn(standIn, () => expect(new VectorKernel().isAvailable).toBe(false));
});

test('it is found out once', () => {
  let tries = 0;
  class Module {
    constructor() {
      tries++;
      refuse();
    }
  }
  withStandIn({ Module, Instance: refuse }, () => {
    const vectors = new VectorKernel();
    expect([vectors.isAvailable, vectors.isAvailable, tries]).toEqual([false, false, 1]);
  });
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
