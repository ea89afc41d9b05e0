import { bytesOf } from '../../../src/codec/payload.js';
import { hex } from '../../support/wire.js';

const memory = Uint8Array.from([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18]).buffer;

test.each([
  ['Buffer', Buffer.from(memory, 2, 3), hex`030405`],
  ['Uint8Array', new Uint8Array(memory, 2, 3), hex`030405`],
  ['Int8Array', new Int8Array(memory, 2, 3), hex`030405`],
  ['Uint8ClampedArray', new Uint8ClampedArray(memory, 2, 3), hex`030405`],
  ['Uint16Array', new Uint16Array(memory, 2, 1), hex`0304`],
  ['Int32Array', new Int32Array(memory, 4, 1), hex`05060708`],
  ['Float64Array', new Float64Array(memory, 8, 1), hex`090a0b0c0d0e0f10`],
  ['BigInt64Array', new BigInt64Array(memory, 8, 1), hex`090a0b0c0d0e0f10`],
  ['DataView', new DataView(memory, 1, 2), hex`0203`],
  ['ArrayBuffer', memory.slice(0, 2), hex`0102`],
])('the bytes of a %s are exactly its own', (_, view, expected) => {
  expect(bytesOf(view)).toEqual(expected);
});

test('nothing is copied', () => {
  expect(bytesOf(memory)?.buffer).toBe(memory);
  expect(bytesOf(new DataView(memory, 4))?.byteOffset).toBe(4);
});

test('a SharedArrayBuffer has bytes too', () => {
  expect(bytesOf(new SharedArrayBuffer(3))).toEqual(hex`000000`);
});

test.each([[5], [1_000], [null], [undefined], [[1, 2]], [{ length: 9 }], ['text'], [true], [9n], [new Date(0)]])(
  '%p has no bytes',
  (value) => {
    expect(bytesOf(value)).toBeNull();
  },
);

test('a Buffer is itself', () => {
  const buffer = hex`0102`;
  expect(bytesOf(buffer)).toBe(buffer);
});
