import { stageCompression } from '../../../../src/deflate/stream/stage-options.js';
import { UsageError } from '../../../../src/errors.js';
import { compression } from '../../../support/deflate.js';

const AGREED = [{ name: 'permessage-deflate', parameters: [] }];

test('no agreement, no compression', () => {
  expect(stageCompression('Stage', { role: 'server', extensions: [] })).toBeNull();
});

test('contexts are its own, or those that it is given', () => {
  const shared = compression({ threshold: 7 });
  const stage = stageCompression('Stage', { role: 'client', extensions: AGREED, deflate: shared });
  expect(stage?.compression).toBe(shared);
  expect(stage?.agreement.threshold).toBe(7);
  expect(stageCompression('Stage', { role: 'client', extensions: AGREED })?.agreement.threshold).toBe(64);
});

test.each([
  undefined,
  { role: 'peer', extensions: AGREED },
  { role: 'server' },
  { role: 'server', extensions: AGREED, deflate: false },
  { role: 'server', extensions: AGREED, deflate: { level: 10 } },
])('a mistake is a UsageError: %p', (options) => {
  expect(() => stageCompression('Stage', options as never)).toThrow(UsageError);
});
