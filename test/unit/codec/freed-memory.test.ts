import { FREED_MEMORY, FreedMemory } from '../../../src/codec/freed-memory.js';
import { allocatePayload } from '../../../src/codec/slabs.js';
import { allocationsOf } from '../../support/allocations.js';

const MIB = 1024 * 1024;

/** What is allocated when it is told twice to keep what is freed. */
function lessonsOn(platform: NodeJS.Platform): number[] {
  const { platform: before } = process;
  const memory = new FreedMemory();
  Object.defineProperty(process, 'platform', { value: platform });
  try {
    return [...allocationsOf(() => memory.keep()), ...allocationsOf(() => memory.keep())];
  } finally {
    Object.defineProperty(process, 'platform', { value: before });
  }
}

// What glibc makes of it: test/processes/freed-memory.test.ts.
test('a block of almost 32 MiB, once', () => {
  const sizes = lessonsOn('linux');
  expect(sizes).toHaveLength(1);
  expect(sizes[0]).toBeGreaterThan(31 * MIB);
  expect(sizes[0]).toBeLessThan(32 * MIB);
});

test('none where there is no glibc', () => {
  expect([...lessonsOn('win32'), ...lessonsOn('darwin')]).toEqual([]);
});

test('payloads of 4 KiB and more ask for it', () => {
  const { keep } = FREED_MEMORY;
  let asked = 0;
  FREED_MEMORY.keep = () => asked++;
  allocatePayload(4_095);
  expect(asked).toBe(0);
  for (const size of [4_096, 32_768]) allocatePayload(size);
  expect(asked).toBe(2);
  FREED_MEMORY.keep = keep;
});
