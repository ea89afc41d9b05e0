import { emptyPart } from '../../../src/codec/frame-part.js';
import { emptyHeader } from '../../../src/codec/header.js';

test('a part begins empty, and its header is the one it was given', () => {
  const header = emptyHeader();
  const part = emptyPart(header);
  expect(part.header).toBe(header);
  expect(part).toMatchObject({ start: 0, end: 0, first: false, last: false, views: null });
  expect(part.bytes).toHaveLength(0);
});
