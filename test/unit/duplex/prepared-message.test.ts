import { prepare } from '../../../src/duplex/prepared-message.js';
import { UsageError } from '../../../src/errors.js';
import { binary, text, wireOf } from '../../support/frames.js';
import { hex } from '../../support/wire.js';

test('is the frame that a server sends', () => {
  expect(prepare('Hello').wire).toEqual(hex`81 05 48656c6c6f`);
  expect(prepare('').wire).toEqual(hex`81 00`);
  const big = Buffer.alloc(70_000, 7);
  expect(prepare(big).wire.equals(wireOf(binary(big)))).toBe(true);
  expect(prepare('Grüße').wire).toEqual(wireOf(text('Grüße')));
});

test('copies: the caller may reuse its memory', () => {
  for (const size of [3, 70_000]) {
    const mine = new Uint8Array(size);
    const prepared = prepare(mine);
    mine.fill(9);
    expect(prepared.payload.every((byte) => byte === 0)).toBe(true);
    expect(prepared.wire.includes(9)).toBe(false);
  }
});

test('type and payload stay readable', () => {
  expect(prepare('x')).toMatchObject({ type: 'text', payload: Buffer.from('x') });
  expect(prepare(new Uint16Array([0x0201]))).toMatchObject({ type: 'binary', payload: hex`01 02` });
});

test.each([[5], [null], [undefined], [[1]], [{}]])('of %p is a UsageError', (wrong) => {
  expect(() => prepare(wrong as never)).toThrow(UsageError);
});
