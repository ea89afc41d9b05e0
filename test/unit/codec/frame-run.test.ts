import { hasRuns, readRunHeader, runAt } from '../../../src/codec/frame-run.js';
import { emptyHeader, type HeaderRules } from '../../../src/codec/header.js';
import { VectorKernel } from '../../../src/codec/mask-vector.js';
import { binary, text, wireOf } from '../../support/frames.js';
import { hex } from '../../support/wire.js';

const KEY = hex`37fa213d`;
const RULES: HeaderRules = { role: 'server', maxFrameBytes: Infinity, rsv1: false };
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
  test.each([0, 1, 125, 126, 127, 1_024, 65_535])('a frame of %d bytes before one of its kind', (size) => {
    const frame = framed(size);
    expect(runAt(Buffer.concat([frame, framed(3)]), 0, RULES)).toBe(size);
    expect(runAt(Buffer.concat([Buffer.alloc(9), frame, framed(3)]), 9, RULES)).toBe(size);
  });

  test.each<[string, Buffer]>([
    ['alone', framed(5)],
    ['that is not whole', framed(5).subarray(0, -1)],
    ['of which there is one byte', hex`82`],
    ['before one of another kind', Buffer.concat([framed(5), wireOf(text('a'), { key: KEY })])],
    ['that is a fragment', hex`02 81 37fa213d 00 02 81 37fa213d 00`],
    ['that is a continuation', hex`80 81 37fa213d 00 80 81 37fa213d 00`],
    ['that is a ping', hex`89 81 37fa213d 00 89 81 37fa213d 00`],
    ['with RSV1', hex`c2 81 37fa213d 00 c2 81 37fa213d 00`],
    ['with RSV2', hex`a2 81 37fa213d 00 a2 81 37fa213d 00`],
    ['that is not masked', hex`82 01 82 02 82 03 82 04 82 05 82 06`],
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
    expect(runAt(hex`c1 81 37fa213d 00 c1 81 37fa213d 00`, 0, rules)).toBe(1);
    expect(runAt(hex`e1 81 37fa213d 00 e1 81 37fa213d 00`, 0, rules)).toBe(-1);
    expect(runAt(hex`81 81 37fa213d 00 81 81 37fa213d 00`, 0, rules)).toBe(1);
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
