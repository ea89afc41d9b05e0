/** No target leads out of the folder, or to a hidden file. */
import fc from 'fast-check';
import { namesOf } from '../../../src/cli/file-path.js';

test.each([
  ['/', []],
  ['/a', ['a']],
  ['/a/b.txt?x=/../', ['a', 'b.txt']],
  ['/a/', ['a']],
  ['/with%20space', ['with space']],
])('%s', (target, names) => {
  expect(namesOf(target)).toEqual(names);
});

test.each([
  '',
  'a',
  '*',
  'http://h/a',
  '/..',
  '/a/../b',
  '/%2e%2e/b',
  '/.git',
  '/a/.env',
  '//a',
  '/a%00',
  '/%2Fetc',
  '/a%5C..%5Cb',
  '/c:',
  '/%zz',
])('%s is nothing', (target) => {
  expect(namesOf(target)).toBeNull();
});

test('whatever is asked for, every name is an ordinary one', () => {
  const targets = fc
    .array(fc.constantFrom('/', '.', '..', '%2e', '%2f', '\\', 'a', '%00', '?', '~'))
    .map((all) => all.join(''));
  fc.assert(
    fc.property(targets, (target) => (namesOf(target) ?? []).every((name) => /^[^./\\\0][^/\\\0]*$/.test(name))),
  );
});
