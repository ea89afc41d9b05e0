/**
 * What glibc does with memory that was freed, before and after a payload of some KiB was allocated (docs/adr/0016).
 *
 * FRAMEPIPE_FIGURES=1 prints what was measured.
 */
import { Children, ends } from './support/child.js';
import { figure } from './support/figures.js';

/** Three times 16 MiB. */
const PAGES = (3 * 16 * 1024 * 1024) / 4096;

const children = new Children();
afterEach(() => children.end());

/** The variables by which one tells glibc oneself would hide the difference. */
const { MALLOC_TRIM_THRESHOLD_, MALLOC_MMAP_THRESHOLD_, ...env } = process.env;

async function faultsAfter(what: 'payload' | 'nothing'): Promise<number> {
  const child = children.start('refill', { args: [what], flags: ['--expose-gc', '--single-threaded-gc'], env });
  const faults = await child.heard<number>('faults');
  expect(await ends(child)).toMatchObject([{ code: 0, stderr: '' }]);
  figure(`16 MiB filled three times, after ${what}: ${faults} faults`);
  return faults;
}

const { header } = process.report.getReport() as { header?: { glibcVersionRuntime?: string } };

if (header?.glibcVersionRuntime === undefined) {
  test.skip('freed pages are kept: this system has no glibc', () => {});
} else {
  test('freed pages are kept once there was a payload of some KiB, and are not before', async () => {
    expect(await faultsAfter('nothing')).toBeGreaterThan(PAGES / 2);
    expect(await faultsAfter('payload')).toBeLessThan(PAGES / 10);
  });
}
