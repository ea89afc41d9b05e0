import { LentMemory, SharedMemory } from '../../../src/codec/shared-memory.js';

test('what is unmasked in shared memory is what its views show', () => {
  const bytes = Buffer.alloc(8, 'abcdefgh');
  const memory = new SharedMemory(bytes);
  const view = memory.views.detach(2, 6);
  memory.xor(2, 6, 0x20202020, 0);
  expect(view.toString()).toBe('CDEF');
  expect(bytes.toString()).toBe('abCDEFgh');
});

test('what is lent again is the same, and nothing that is kept stays in it', () => {
  const lent = new LentMemory();
  const [one, other] = [Buffer.from('one'), Buffer.from('other')];
  const memory = lent.of(one);
  const kept = memory.views.detach(0, 3);
  one.fill('x');
  expect([kept.toString(), lent.of(one) === memory]).toEqual(['one', true]);
  expect(lent.of(other).bytes).toBe(other);
  expect(lent.of(one) === memory).toBe(false);
});
