/** Nothing is left over: each source has its test and each violation is thrown and provoked. Shown to fail first. */
import { VIOLATIONS } from '../../src/errors.js';
import { mirrorFaults } from './support/mirror.js';
import { source, sourcesIn } from './support/source.js';
import { unusedNames } from './support/violations.js';

const sources = sourcesIn('src');
const tests = sourcesIn('test');

describe('the unit tests mirror the sources', () => {
  test('a source without a test and a test without a source are faults', () => {
    const mask = source('src/codec/mask.ts', 'export const n = 1;');
    expect(mirrorFaults([mask], [])).toEqual(['src/codec/mask.ts has no test/unit/codec/mask.test.ts']);
    expect(mirrorFaults([], ['test/unit/gone.test.ts'])).toEqual(['test/unit/gone.test.ts mirrors no file of src']);
    expect(mirrorFaults([mask], ['test/unit/codec/mask.test.ts', 'test/unit/codec/wire.ts'])).toEqual([]);
  });

  test('an index that only re-exports and a file of types need none', () => {
    const index = source('src/index.ts', "export { a } from './a.js';");
    const types = source('src/types.ts', 'export interface A {}\nexport type B = A;');
    expect(mirrorFaults([index, types], [])).toEqual([]);
    expect(mirrorFaults([source('src/index.ts', 'export const a = 1;')], [])).toHaveLength(1);
  });

  test('the repository keeps to it', () => {
    const units = tests.map((file) => file.path).filter((path) => path.startsWith('test/unit/'));
    expect(mirrorFaults(sources, units)).toEqual([]);
  });
});

describe('every violation is alive', () => {
  const names = Object.keys(VIOLATIONS);
  const notHere = (path: string) => !path.startsWith('test/house/') && path !== 'test/unit/errors.test.ts';

  test.each([
    ["violation('RESERVED_BIT')", []],
    ["expect(error.code).toBe('ERR_WS_RESERVED_BIT')", []],
    ['fail(VIOLATIONS.RESERVED_BIT)', []],
    ["// 'RESERVED_BIT'", ['RESERVED_BIT']],
    ["type T = 'RESERVED_BIT'", ['RESERVED_BIT']],
  ])('%s leaves unused: %j', (text, unused) => {
    expect(unusedNames(['RESERVED_BIT'], [source('x.ts', text)])).toEqual(unused);
  });

  test('the code throws each', () => {
    expect(
      unusedNames(
        names,
        sources.filter((file) => file.path !== 'src/errors.ts'),
      ),
    ).toEqual([]);
  });

  test('a test provokes each, by name', () => {
    expect(
      unusedNames(
        names,
        tests.filter((file) => notHere(file.path)),
      ),
    ).toEqual([]);
  });
});
