/**
 * Fills 16 MiB, frees them, and fills them again: what that costs in faults. With `payload` in between, a payload of 4 KiB was
 * allocated as messages are; with `nothing`, none.
 */
import { allocatePayload } from '../../../dist/codec/slabs.js';
import { report } from './parent.mjs';

if (process.argv[2] === 'payload') allocatePayload(4_096);
globalThis.gc();

function refill() {
  const blocks = Array.from({ length: 16 }, () => Buffer.allocUnsafeSlow(1024 * 1024).fill(1));
  return blocks.length;
}

for (let time = 0; time < 3; time++) {
  refill();
  globalThis.gc();
}
const before = process.resourceUsage().minorPageFault;
for (let time = 0; time < 3; time++) {
  refill();
  globalThis.gc();
}
report('faults', process.resourceUsage().minorPageFault - before);
