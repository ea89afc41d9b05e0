import { emptyPart, SharedMemory } from '../../../src/codec/frame-part.js';
import { emptyHeader } from '../../../src/codec/header.js';

test('a part begins empty, and its header is the one it was given', () => {
  const header = emptyHeader();
  const part = emptyPart(header);
  expect(part.header).toBe(header);
  expect(part).toMatchObject({ start: 0, end: 0, first: false, last: false, views: null });
  expect(part.bytes).toHaveLength(0);
});

test('what is unmasked in shared memory is what its views show', () => {
  const bytes = Buffer.from('abcdefgh');
  const memory = new SharedMemory(bytes);
  const view = memory.views.detach(2, 6);
  memory.xor(2, 6, 0x20202020, 0);
  expect(view.toString()).toBe('CDEF');
  expect(bytes.toString()).toBe('abCDEFgh');
});
