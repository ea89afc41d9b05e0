import { hasRuns, readRunHeader, runAt } from '../../../src/codec/frame-run.js';
import { emptyHeader, type HeaderRules } from '../../../src/codec/header.js';
import { VectorKernel } from '../../../src/codec/mask-vector.js';
import { binary, text, wireOf } from '../../support/frames.js';
import { hex } from '../../support/wire.js';

const KEY = hex`37fa213d`;
const RULES: HeaderRules = { role: 'server', maxFrameBytes: Infinity, rsv1: false };
const sixOf = (frame: Buffer) => Buffer.concat(Array.from({ length: 6 }, () => frame));
const framed = (size: number) => wireOf(binary(Buffer.alloc(size, 1)), { key: KEY });

test('only a server has runs, since only clients mask, and only where there are vectors', () => {
  const rules = (role: HeaderRules['role']) => ({ ...RULES, role });
  expect([hasRuns(rules('server')), hasRuns(rules('client'))]).toEqual([true, false]);
  const before = Object.getOwnPropertyDescriptor(VectorKernel.prototype, 'isAvailable') as PropertyDescriptor;
  Object.defineProperty(VectorKernel.prototype, 'isAvailable', { ...before, get: () => false });
  expect(hasRuns(rules('server'))).toBe(false);
  Object.defineProperty(VectorKernel.prototype, 'isAvailable', before);
});

describe('where a run begins', () => {
  /** `count` frames, and the first byte of another one. */
  const inARow = (count: number, size: number, next = 0x82) =>
    Buffer.concat([...Array.from({ length: count }, () => framed(size)), Buffer.of(next)]);

  test.each([0, 1, 125, 126, 127])('five frames of %d bytes before one of their kind, or a KiB of them', (size) => {
    expect(runAt(inARow(5, size), 0, RULES)).toBe(size);
    expect(runAt(inARow(5, size, 0x81), 0, RULES)).toBe(-1);
    expect(runAt(Buffer.concat([Buffer.alloc(9), inARow(5, size)]), 9, RULES)).toBe(size);
  });

  test('a KiB of frames before one of their kind, however few', () => {
    expect(runAt(inARow(1, 1_024), 0, RULES)).toBe(1_024);
    expect(runAt(inARow(2, 504), 0, RULES)).toBe(504);
    expect(runAt(inARow(2, 503), 0, RULES)).toBe(-1);
    expect(runAt(inARow(3, 503), 0, RULES)).toBe(503);
  });

  test('not at five frames at the end of the chunk', () => {
    expect(runAt(inARow(5, 10).subarray(0, -1), 0, RULES)).toBe(-1);
    expect(runAt(inARow(4, 10), 0, RULES)).toBe(-1);
  });

  test.each<[string, Buffer]>([
    ['alone', framed(5)],
    ['that is not whole', framed(5).subarray(0, -1)],
    ['of more than 1 KiB', inARow(6, 1_025)],
    ['before one of more than 1 KiB', Buffer.concat([framed(5), inARow(6, 1_025)])],
    ['of which there is one byte', hex`82`],
    ['before one of another kind', Buffer.concat([framed(5), sixOf(wireOf(text('a'), { key: KEY }))])],
    ['that is a fragment', sixOf(hex`02 81 37fa213d 00`)],
    ['that is a continuation', sixOf(hex`80 81 37fa213d 00`)],
    ['that is a ping', sixOf(hex`89 81 37fa213d 00`)],
    ['with RSV1', sixOf(hex`c2 81 37fa213d 00`)],
    ['with RSV2', sixOf(hex`a2 81 37fa213d 00`)],
    ['that is not masked', sixOf(hex`82 05 00 00 00 00 00`)],
  ])('not at a frame %s', (_, chunk) => {
    expect(runAt(chunk, 0, RULES)).toBe(-1);
  });

  test('not at a frame that is not masked, whatever lies before it', () => {
    const chunk = Buffer.concat([Buffer.alloc(200, 0x82), hex`82 01 82 01 82 01 82 01 82`]);
    expect(runAt(chunk, 200, RULES)).toBe(-1);
  });

  test('an end of the chunk is no frame', () => {
    expect(runAt(Buffer.alloc(0), 0, RULES)).toBe(-1);
    expect(runAt(framed(5), framed(5).length, RULES)).toBe(-1);
  });

  test('RSV1 is legal where an extension gives it a meaning, with nothing else', () => {
    const rules = { ...RULES, rsv1: true };
    expect(runAt(sixOf(hex`c1 81 37fa213d 00`), 0, rules)).toBe(1);
    expect(runAt(sixOf(hex`e1 81 37fa213d 00`), 0, rules)).toBe(-1);
    expect(runAt(sixOf(hex`81 81 37fa213d 00`), 0, rules)).toBe(1);
  });
});

test.each([
  [hex`82 83 00000000`, { opcode: 2, fin: true, rsv1: false, masked: true, length: 3 }, 6],
  [hex`81 fd 00000000`, { opcode: 1, fin: true, rsv1: false, masked: true, length: 125 }, 6],
  [hex`c1 fe 0400 00000000`, { opcode: 1, fin: true, rsv1: true, masked: true, length: 1_024 }, 8],
])('the header %j is read', (bytes, expected, size) => {
  const header = { ...emptyHeader(), fin: false, rsv1: expected.rsv1 === false };
  expect(readRunHeader(Buffer.concat([hex`ffff`, bytes]), 2, header)).toBe(size);
  expect(header).toMatchObject(expected);
});
